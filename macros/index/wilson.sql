{#-
An end of the 95 % score interval of a share (Wilson 1927): `side` is -1 for the lower and
+1 for the upper end. `share` lies in [0, 1], `checked` is the number of rows behind it.
-#}
{% macro wilson(share, checked, side) %}
    {%- set z = 1.959963984540054 -%}
    {%- set z2 = z * z -%}
    {#- Rounding must not put the share outside of its interval. -#}
    {{ 'greatest(0.0, least(' if side < 0 else 'least(1.0, greatest(' }}{{ share }}, (
        {{ share }} + {{ z2 }} / (2 * {{ checked }})
        + {{ side }} * {{ z }} * sqrt(
            {{ share }} * (1 - {{ share }}) / {{ checked }}
            + {{ z2 }} / (4.0 * {{ checked }} * {{ checked }})
        )
    ) / (1 + {{ z2 }} / {{ checked }})))
{%- endmacro %}
