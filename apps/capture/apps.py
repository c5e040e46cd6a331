"""App registration."""

from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "apps.capture"

    def ready(self) -> None:
        """Check what capture reads by before it can rule; mappings and inference have sentences of their own."""
        from apps.capture import inference, mapping_document, scripts, trials
        from apps.capture.decisions import check_document
        from apps.policies import registry

        registry.register_check("validity", check_document)
        registry.register_check("mapping", mapping_document.check_document)
        registry.register_reader("mapping", mapping_document.sentences)
        registry.register_check("inference", inference.check_document)
        registry.register_reader("inference", inference.sentences)
        registry.register_check("scripts", scripts.check_document)
        registry.register_reader("scripts", scripts.sentences)
        trials.register()
