"""App registration."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "apps.flows"

    def ready(self) -> None:
        """Look again at words that nobody knew when a mapping begins to rule; try drafts beforehand; tell answers."""
        from apps.catalog.terms import REREAD
        from apps.flows import cadence_rules, stage_trials, told_answers, trying, watching
        from apps.flows.impact import runs
        from apps.flows.suite import decisions, playing
        from apps.outreach import template_places
        from apps.policies import registry
        from apps.qualification.terms import RESCORE

        registry.register_watch(watching.KIND, watching.watch_of)
        stage_trials.register()
        cadence_rules.register()
        template_places.register_teller(told_answers.answers_told)
        registry.register_wakeup("mapping", REREAD)
        registry.register_wakeup("scoring", RESCORE)
        for kind in trying.TRIED:
            registry.register_test(kind, trying.NEED)
            registry.register_test(kind, runs.NEED)
        registry.register_check("suite", decisions.check_document)
        registry.register_reader("suite", decisions.sentences)
        for kind in playing.PLAYED:
            registry.register_test(kind, playing.NEED)
