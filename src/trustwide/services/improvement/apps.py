from django.apps import AppConfig


class ImprovementConfig(AppConfig):
    name = "trustwide.services.improvement"
    label = "improvement"

    def ready(self) -> None:
        from trustwide.commons.measures.performance.links import WORK
        from trustwide.commons.measures.signals.links import LINKS
        from trustwide.services.improvement.figures import links_of_signal, work_on_aims

        LINKS.append(links_of_signal)
        WORK.append(work_on_aims)
