"""The mail to whoever looks after the collector: gather what needs a person → decide what is news → mail → remember.

deciding   pure: what has begun, what is to be told, what is over
letter     pure: the words
rounds     the conductor
"""
