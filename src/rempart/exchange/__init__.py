"""What platforms add to the tools they already run, ``threatexchange`` and HMA, so that these read a desk's lists.

    pip install rempart threatexchange
    threatexchange config extensions add rempart.exchange

It needs neither Django nor the desk. ``threatexchange`` is the platform's own, under its own licence (BSD).
"""

from threatexchange.extensions.manifest import ThreatExchangeExtensionManifest

from rempart.exchange.api import Credentials, ListConfig, RempartExchangeAPI
from rempart.exchange.client import ListClient
from rempart.exchange.signals import PhotoSha256Signal

TX_MANIFEST = ThreatExchangeExtensionManifest(signal_types=(PhotoSha256Signal,), apis=(RempartExchangeAPI,))
"""Where both tools look for what an extension brings."""

__all__ = ["TX_MANIFEST", "Credentials", "ListClient", "ListConfig", "PhotoSha256Signal", "RempartExchangeAPI"]
