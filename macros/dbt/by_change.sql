{#-
A materialization for issues of a table that is read file by file: those of rows that
changed, and of rows that depend on them, are evaluated anew, as issues_to_renew() says.
What is kept of the rows, of the keys of other tables and of the rules changes with the
issues in one transaction: a build that is killed leaves all of it as it was, and the next
one compares with what the issues are of.
-#}
{% materialization by_change, adapter='duckdb' %}
    {%- set plan = assay.kept_for_run('changes ' ~ model.unique_id) -%}
    {%- set table, rows = this.incorporate(type='table'), assay.beside(this, 'rows') -%}
    {%- set keys, state = assay.beside(this, 'keys'), assay.beside(this, 'state') -%}
    {%- set tallies = assay.beside(this, 'tallies') -%}
    {%- if plan.is_whole -%}
        {#- Without it the next build evaluates all rows, whatever comes now. -#}
        {%- do adapter.drop_relation(state) -%}
        {%- set result = materialization_table_duckdb() -%}
        {%- if not plan.files -%}
            {%- do return(result) -%}
        {%- endif -%}
        {%- call statement('kept') -%}
            create or replace table {{ rows }} as
            {{ assay._kept_rows(plan, plan.table, plan.relation) }};
            create or replace table {{ keys }} as {{ assay._keys_of_others(plan) }};
            create or replace table {{ tallies }} as
            {{ assay._tallies(plan, plan.table, plan.relation) }};
            create table {{ state }} as {{ assay._state_rows(plan) }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
        {%- do result.relations.extend([rows, keys, tallies, state]) -%}
        {%- do return(result) -%}
    {%- endif -%}
    {{- run_hooks(pre_hooks) }}
    {%- do assay._write_rows_to_judge(plan, rows, keys, tallies) -%}
    {%- set of_rows = ["''"] -%}
    {%- for rule in plan.of_rows -%}
        {%- do of_rows.append(assay.literal(rule.name)) -%}
    {%- endfor -%}
    {%- call statement('delete') -%}
        delete from {{ table }}
        where rule_name not in ({{ of_rows | join(', ') }})
            or record_number in (select record_number from to_judge)
            or {{ assay.of_files(plan.gone) }}
    {%- endcall -%}
    {%- call statement('main') -%}
        insert into {{ table }} by name (
            {{- compiled_code }}
        )
    {%- endcall -%}
    {%- call statement('kept') -%}
        drop table {{ plan.rows_to_judge }};
        drop table to_judge;
        delete from {{ state }};
        insert into {{ state }} {{ assay._state_rows(plan) }}
    {%- endcall -%}
    {{- run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {%- do return({'relations': [table, rows, keys, tallies, state]}) -%}
{% endmaterialization %}


{#-
Writes the numbers of the rows to judge (the temporary table `to_judge`), these rows, and
what is kept of rows, keys and tallies as it is now.
-#}
{% macro _write_rows_to_judge(plan, rows, keys, tallies) %}
    {%- set relation, is_new = plan.relation, assay.of_files(plan.new) -%}
    {%- call statement('changed') -%}
        create or replace temporary table changed as
        select * from {{ rows }} where {{ assay.of_files(plan.gone) }};
        delete from {{ rows }} where {{ assay.of_files(plan.gone) }};
        create or replace temporary table to_judge as
        select * from ({{ assay._kept_rows(plan, plan.table,
            '(select * from ' ~ relation ~ ' where ' ~ is_new ~ ')') }});
        insert into {{ rows }} select * from to_judge;
        {%- if plan.tallies and (plan.new or plan.gone) %}
        create or replace temporary table tallies_now as
        select
            tally_number,
            value_hash,
            max(value) as value,
            cast(sum(row_count) as bigint) as row_count
        from (
            from {{ tallies }}
            union all
            from ({{ assay._tallies(plan, plan.table,
                '(select * from ' ~ relation ~ ' where ' ~ is_new ~ ')') }})
            {%- for rule in plan.tallies %}
            union all
            select {{ loop.index }}, value_{{ loop.index }}, null, -count(*)
            from changed
            where value_{{ loop.index }} is not null
            group by all
            {%- endfor %}
        )
        group by all
        having sum(row_count) > 0;
        delete from {{ tallies }};
        insert into {{ tallies }} from tallies_now;
        drop table tallies_now;
        {%- endif %}
        insert into changed select * from to_judge;
        create or replace temporary table keys_now as {{ assay._keys_of_others(plan) }};
        create or replace temporary table changed_keys as
        select distinct other_number, key_hash
        from (
            (from keys_now except from {{ keys }})
            union all
            (from {{ keys }} except from keys_now)
        )
    {%- endcall -%}
    {%- set sources = [] -%}
    {%- for row in run_query('select distinct other_number from changed_keys').rows -%}
        {%- do sources.append('select * from ' ~ rows ~ ' where other_' ~ row[0]
            ~ ' in (select key_hash from changed_keys where other_number = ' ~ row[0]
            ~ ')') -%}
    {%- endfor -%}
    {%- if plan.ages and plan.as_of_before != assay.as_of() -%}
        {%- set aged = [] -%}
        {%- for value, seconds in plan.ages -%}
            {%- for bounds in [[plan.as_of_before, assay.as_of()]] -%}
                {%- do aged.append(value ~ ' between least(' ~ bounds | join(', ')
                    ~ ") - interval '" ~ seconds ~ " seconds' and greatest("
                    ~ bounds | join(', ') ~ ") - interval '" ~ seconds ~ " seconds'")
                -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do sources.append('select * from ' ~ rows ~ ' where record_number in ('
            ~ 'with watched as ' ~ assay.watched_rows(relation, plan.table)
            ~ ' select watched."row number" from watched where ' ~ aged | join(' or ')
            ~ ')') -%}
    {%- endif -%}
    {%- call statement('keys') -%}
        {%- if sources %}
        insert into changed
        select * from ({{ sources | join('\nunion\n') }})
        where record_number not in (select record_number from to_judge);
        insert into to_judge
        select * from changed
        where record_number not in (select record_number from to_judge)
            and not {{ assay.of_files(plan.gone) }};
        delete from {{ keys }};
        insert into {{ keys }} from keys_now;
        {%- endif %}
        drop table keys_now;
        drop table changed_keys
    {%- endcall -%}
    {%- do assay._join_peers(plan, rows) -%}
    {%- call statement('rows') -%}
        drop table changed;
        create or replace temporary table {{ plan.rows_to_judge.split('.')[-1] }} as
        select * from {{ relation }} where {{ is_new }}
        union all
        select * from {{ relation }}
        where not {{ is_new }} and record_number in (
            select record_number from to_judge where not {{ is_new }}
        )
    {%- endcall -%}
{% endmacro %}


{#- Adds to `to_judge` the rows that share a key with it, until there are no more. -#}
{% macro _join_peers(plan, rows) %}
    {%- set selects = [] -%}
    {%- for peers in plan.peers -%}
        {%- set shared = 'peers_' ~ loop.index -%}
        {%- set reached = 'select ' ~ shared ~ ' from changed' -%}
        {%- if peers['with'] -%}
            {#- Without a row that starts them, rows of a group do not look at each other. -#}
            {%- set starts = ' where starts_' ~ loop.index -%}
            {%- set reached = reached ~ ' where ' ~ shared ~ ' in (select ' ~ shared
                ~ ' from ' ~ rows ~ starts ~ ' union select ' ~ shared ~ ' from changed'
                ~ starts ~ ')' -%}
        {%- endif -%}
        {%- do selects.append('select * from ' ~ rows ~ ' where ' ~ shared ~ ' in ('
            ~ reached ~ ')') -%}
    {%- endfor -%}
    {%- set left = namespace(more=true) -%}
    {%- for _ in range(1000) if left.more -%}
        {%- call statement('peers') -%}
            create or replace temporary table changed as
            select * from ({{ selects | join('\nunion\n') }})
            where record_number not in (select record_number from to_judge);
            insert into to_judge select * from changed
        {%- endcall -%}
        {%- set counts = run_query('select (select count(*) from changed), (select'
            ~ ' count(*) from to_judge), (select count(*) from ' ~ rows ~ ')').rows[0] -%}
        {%- set left.more = counts[0] > 0 -%}
        {%- if left.more and 2 * counts[1] > counts[2] -%}
            {#- Most rows hang together: to look for the rest takes longer than them. -#}
            {%- set left.more = false -%}
            {%- call statement('all') -%}
                insert into to_judge
                select * from {{ rows }}
                where record_number not in (select record_number from to_judge)
            {%- endcall -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{% macro _state_rows(plan) %}
select * from (
    values
    {%- for kind, name, value in plan.state %}
    ({{ assay.literal(kind) }}, {{ assay.literal(name | string) }}, {{ assay.literal(value) }}){{ ',' if not loop.last }}
    {%- endfor %}
) as state (kind, name, value)
{% endmacro %}
