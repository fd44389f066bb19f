"""What the daemon answers to machines: how it is, to probes, and what it does, to Prometheus.

pulse       how the daemon's jobs are: values that it hands over
health      pure: whether all that means well or not
tally       rounds, counted since the daemon began
measuring   everything that is measured, from the database
metrics     pure: the measures as Prometheus reads them
patience    waiting for a piece of work, and only so long
probing     asking a daemon how it is
pages       which path gives which of these
server      a tiny server on threads of its own; it knows none of the above
"""
