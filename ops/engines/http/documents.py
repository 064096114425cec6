"""The API's own description; it says nothing that the source does not say."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from ops.engines.kernel.policy import PUBLIC

from .views import PolicedView, policy_view


def schema_view() -> PolicedView:
    """Return the view of the OpenAPI document."""
    return policy_view(PUBLIC)(SpectacularAPIView.as_view(permission_classes=[]))


def docs_view() -> PolicedView:
    """Return the view of the readable documentation; its scripts and styles are files."""
    view = SpectacularSwaggerSplitView.as_view(
        permission_classes=[], url_name="schema", template_name="desk/documentation.html"
    )
    return policy_view(PUBLIC)(view)
