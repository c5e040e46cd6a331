"""App registration."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "apps.leads"

    def ready(self) -> None:
        """Check stage gates and processes, and name the stages and pipelines that rules may use."""
        from apps.catalog.outside import system_keys
        from apps.leads import process
        from apps.leads.decisions import check_document
        from apps.leads.queries import pipeline_keys, reporter_keys, stage_keys
        from apps.policies import registry

        registry.register_check("gates", check_document)
        registry.register_words("stages", stage_keys)
        registry.register_check("process", process.check_document)
        registry.register_reader("process", process.sentences)
        registry.register_words("pipelines", pipeline_keys)
        registry.register_words("systems", system_keys)
        registry.register_words("reporters", reporter_keys)
