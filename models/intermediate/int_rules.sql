{{ needs_all_feeds() }}

{% if execute %}{{ rule_list() }}{% endif %}
