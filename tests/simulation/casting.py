"""The servers that scenes are played on."""

from simulation.answering import Member

OAK = Member(name="oak", kind="mastodon")
ELM = Member(name="elm", kind="mastodon", local=False)
BAY = Member(name="bay", kind="mastodon", remote=False)
YEW = Member(name="yew", kind="mastodon", looks_up=False)
ASH = Member(name="ash", kind="gotosocial", token="open-sesame")
FIR = Member(name="fir", kind="takahe", is_limited=False)
IVY = Member(name="ivy", kind="mastodon", is_polled=False)
