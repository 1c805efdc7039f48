"""Settings as clients see them, and as nodes hold them: pure functions from one to the other."""

from miroir.core.settings.routes import ROUTES, SettingRoute
from miroir.core.settings.virtual import NodePatch, base_settings, client_view, node_patch, node_value, reset_patch

__all__ = [
    "ROUTES",
    "NodePatch",
    "SettingRoute",
    "base_settings",
    "client_view",
    "node_patch",
    "node_value",
    "reset_patch",
]
