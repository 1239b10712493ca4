"""Says where the cluster of an address is, and whether something answers there."""

import ipaddress
import os
import re
import socket
from typing import NamedTuple

ADDRESS = re.compile(r"(?P<client>ray://)?(?P<host>\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):(?P<port>\d+)")
AUTO = "auto"
PATIENCE = 2.0
"""Seconds that a cluster has to take a connection."""
YES = ("1", "true")


class Endpoint(NamedTuple):
    """Where a cluster takes connections."""

    host: str
    port: int
    is_client: bool
    """Whether it takes those of Ray's client, `ray://`."""


def endpoint_of(address: str) -> Endpoint | None:
    """The place of an address. `None`: the address is not valid, or Ray itself looks for it."""
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        return None
    return Endpoint(found["host"].strip("[]"), int(found["port"]), bool(found["client"]))


def resolved(address: str) -> str:
    """The address that `"auto"` stands for, if the environment names one."""
    return os.environ.get("RAY_ADDRESS", AUTO) if address == AUTO else address


def why_away(endpoint: Endpoint) -> str | None:
    """Why nothing answers there. `None`: something does."""
    try:
        socket.create_connection((endpoint.host, endpoint.port), PATIENCE).close()
    except OSError as error:
        return error.strerror or str(error) or type(error).__name__
    return None


def is_exposed(address: str) -> bool:
    """Whether calls cross a network to there in plain text."""
    endpoint = endpoint_of(resolved(address))
    if endpoint is None or os.environ.get("RAY_USE_TLS", "").lower() in YES:
        return False
    if endpoint.host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(endpoint.host).is_loopback
    except ValueError:
        return True
