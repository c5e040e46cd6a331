"""App registration."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "apps.policies"

    def ready(self) -> None:
        """Name the words that rules may use."""
        from apps.policies import queries, registry
        from apps.policies.decisions import retention

        registry.register_check("retention", retention.check_document)
        registry.register_words("queues", queries.queue_keys)
        registry.register_words("tags", queries.queue_tags)
        registry.register_words("closed_queues", queries.closed_queue_keys)
        registry.register_words("idle_queues", queries.idle_queue_keys)
        registry.register_words("stranded_queues", queries.stranded_queue_keys)
        registry.register_words("closed_services", queries.closed_service_keys)
        registry.register_words("closed_locations", queries.closed_location_keys)
        registry.register_words("offers", queries.offers)
        registry.register_words("teams", queries.team_keys)
        registry.register_words("queueless_teams", queries.queueless_team_keys)
        registry.register_words("people", queries.people_emails)
        registry.register_words("services", queries.service_keys)
        registry.register_words("locations", queries.location_keys)
        registry.register_words("sources", queries.source_keys)
        registry.register_words("custom_fields", queries.custom_field_keys)
        registry.register_words("own_choices", queries.own_choices)
        registry.register_words("skills", queries.skills)
        registry.register_words("expertise", queries.provider_skills)
