"""Keeps the cookies of the windows of a test."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_NOTHING = dict[str, Any].fromkeys(
    ("max_age", "expires", "path", "domain", "secure", "httponly", "samesite", "partitioned")
)
"""What a cookie is that says nothing."""


class CookieJar:
    """The cookies of an app, which all windows have in common."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[Any, ...], dict[str, Any]] = {}

    def set(self, cookie: Mapping[str, Any]) -> None:
        self._cookies[_identity(cookie)] = {**_NOTHING, **cookie}

    def delete(self, cookie: Mapping[str, Any]) -> None:
        self._cookies.pop(_identity(cookie), None)

    def all(self) -> list[dict[str, Any]]:
        return [dict(it) for it in self._cookies.values()]

    def sent_to(self, url: str) -> list[dict[str, Any]]:
        """Those that a webview sends to an address."""
        return [it for it in self.all() if _is_sent(it, url)]


def _identity(cookie: Mapping[str, Any]) -> tuple[Any, ...]:
    return (cookie["key"], cookie.get("domain"), cookie.get("path"))


def _is_sent(cookie: Mapping[str, Any], url: str) -> bool:
    address = urlsplit(url)
    host, domain = f".{address.hostname}", f".{(cookie['domain'] or '').removeprefix('.')}"
    folder = (cookie["path"] or "/").rstrip("/") + "/"
    is_safe = not cookie["secure"] or address.scheme == "https"
    return is_safe and host.endswith(domain) and f"{address.path}/".startswith(folder)
