"""What all tables share: how their keys and indexes are named, and the four counts."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def counts() -> tuple[Column[int], ...]:
    """How often people answered, passed on, liked, quoted."""
    return tuple(
        Column(name, Integer, nullable=False, server_default="0") for name in ("replies", "boosts", "likes", "quotes")
    )
