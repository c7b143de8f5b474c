from django.apps import AppConfig


class ImagingConfig(AppConfig):
    name = "trustwide.services.imaging"
    label = "imaging"

    def ready(self) -> None:
        from trustwide.commons.organisations.panels import SitePanel, register_site_panel
        from trustwide.services.imaging.figures import site_lists
        from trustwide.services.imaging.messages import receivers  # noqa: F401 - listens to bookings

        register_site_panel(SitePanel("imaging/list_panel.jinja", site_lists))
