"""Fetching messages from other SDMX services, through the session of the sdmx1 client."""

from __future__ import annotations

from exchange.errors import UnreachableSource

#: Best first; servers that ignore Accept send what they have, and the format is sniffed anyway.
_ACCEPT = (
    "application/vnd.sdmx.structure+json;version=2.1.0, application/vnd.sdmx.structure+xml;version=3.1.0;q=0.9, "
    "application/vnd.sdmx.structure+xml;version=3.0.0;q=0.9, application/vnd.sdmx.structure+json;version=2.0.0;q=0.8, "
    "application/vnd.sdmx.structure+xml;version=2.1;q=0.7, application/xml;q=0.5, */*;q=0.1"
)


def fetch(url: str, *, timeout: float = 120.0) -> bytes:
    """The body behind a URL.

    Raises:
        UnreachableSource: When the service cannot be reached or answers with an error; names URL and reason.
    """
    # The client library loads pandas: only whoever fetches something pays for that.
    from requests import RequestException  # noqa: PLC0415
    from sdmx.session import Session  # noqa: PLC0415

    if not url.startswith(("http://", "https://")):
        raise UnreachableSource(f"{url}: only http and https URLs can be fetched.")
    try:
        with Session(timeout=timeout) as session:
            response = session.get(url, headers={"Accept": _ACCEPT}, timeout=timeout)
    except RequestException as error:
        raise UnreachableSource(f"{url}: {type(error).__name__}; check the address and the network.") from error
    if not response.ok:
        raise UnreachableSource(f"{url}: the service answered {response.status_code} {response.reason}.")
    return bytes(response.content)
