{#- The condition of a value that does not have the named form; none for no such form. -#}
{% macro form_sql(form, rule) %}
    {%- set types = {
        'number': 'double', 'integer': 'bigint', 'boolean': 'boolean',
        'date': 'timestamp',
        'timestamp': 'timestamp'
    } -%}
    {%- if form in types -%}
        {%- if rule.type == types[form]
            or (rule.family == 'time' and types[form] == 'timestamp')
            or (rule.family == 'number' and form in ['number', 'integer']) -%}
            {#- A typed column is null where the value did not cast. -#}
            {%- set fails = [rule.value ~ ' is null'] -%}
            {%- if assay.is_float(rule.type) or rule.family == 'time' -%}
                {%- do fails.append('not ' ~ assay.is_finite(rule.value)) -%}
            {%- endif -%}
            {%- if form == 'integer'
                and (assay.is_float(rule.type) or rule.type.startswith('decimal')) -%}
                {%- do fails.append(rule.value ~ ' <> floor(' ~ rule.value ~ ')') -%}
            {%- endif -%}
            {%- do return('(' ~ fails | join(' or ') ~ ')') -%}
        {%- endif -%}
        {%- set fails = assay.cast_or_null(rule.text, 'varchar', types[form])
            ~ ' is null' -%}
        {#- A whole number may be longer than any type. -#}
        {%- do return('(' ~ fails ~ ' and not '
            ~ assay.fully_matches(rule.text, "'\\s*[+-]?[0-9]+(?:[.]0*)?\\s*'")
            ~ ')' if form == 'integer' else fails) -%}
    {%- elif form in ['currency', 'measurement'] -%}
        {%- set bare = assay.bare_text(rule.text) -%}
        {%- if form == 'measurement' -%}
            {%- set entry = assay.extracted(bare,
                "'^[0-9]+(?:[.,][0-9]+)?\\s*(\\S+)$'") -%}
        {%- else -%}
            {%- set entry = bare -%}
        {%- endif -%}
        {%- set fails = assay._no_term_of(form, entry, rule.table.known) -%}
        {#- `85123A` is a code: so many digits want a space before their unit. -#}
        {%- do return('(' ~ fails ~ ' or '
            ~ assay.matches(bare, "'^[0-9]{5,}[A-Za-z]$'") ~ ')'
            if form == 'measurement' else fails) -%}
    {%- elif form in ['country', 'language'] -%}
        {%- set entry = rule.text if form == 'country'
            else 'lower(' ~ assay.extracted(rule.text,
                "'^([A-Za-z]{2,3})(-[A-Za-z0-9]{1,8})*$'") ~ ')' -%}
        {%- do return(assay._no_term_of(form, entry, rule.table.known)) -%}
    {%- elif form in ['email', 'url'] -%}
        {%- do return('not ' ~ assay.matches(rule.text,
            assay.literal(assay.form_pattern(form)))) -%}
    {%- elif form == 'gtin' -%}
        {%- do return(assay.gtin_sql(rule.text)) -%}
    {%- elif form == 'json' -%}
        {#- DuckDB takes a comma after the last item, NaN and Infinity for JSON; outside of
            texts neither they nor their letters occur in any. -#}
        {%- do return('(not ' ~ assay.is_json(rule.text) ~ ' or '
            ~ assay.matches(rule.text, assay.literal(
            '^(?:[^"]|"(?:[^"\\\\]|\\\\.)*")*?(?:,\\s*[\\]}]|(?i:nan|inf))'))
            ~ ')') -%}
    {%- elif form == 'clean_text' -%}
        {%- do return(assay.matches(rule.text,
            assay.literal(assay.unclean_pattern()))) -%}
    {%- elif form == 'one_spelling' -%}
        {%- set peer = assay.column_sql(rule.column, rule.table, 'peer') -%}
        {%- set condition = peer.is_present
            ~ (' and (' ~ rule.where ~ ')' if rule.where else '') -%}
        {#- Ties are no variants: nothing says which of two spellings is the rarer. -#}
        {%- do return(rule.text ~ ' in (select spelling from ('
            ~ 'select spelling, spelled, max(spelled) over ('
            ~ 'partition by lower(spelling)) as most from (select '
            ~ peer.text
            ~ ' as spelling, count(*) as spelled from watched as peer where '
            ~ condition ~ ' group by all)) where spelled < most)') -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}


{#- A host of the internet by its name, as a regular expression. -#}
{% macro host_pattern() %}
    {%- set letter = '[\\p{L}\\p{M}\\p{N}]' -%}
    {%- do return('(?:' ~ letter ~ '(?:[\\p{L}\\p{M}\\p{N}-]{0,61}' ~ letter ~ ')?[.])+'
        ~ '(?:xn--[A-Za-z0-9-]{1,59}|[\\p{L}\\p{M}]{2,63})') -%}
{% endmacro %}


{#- The regular expression of a form that is one. -#}
{% macro form_pattern(form) %}
    {%- do return(assay.email_pattern() if form == 'email' else assay.url_pattern()) -%}
{% endmacro %}


{#- An address of e-mail, as a regular expression: no quotes, no comment. -#}
{% macro email_pattern() %}
    {%- set atom = '[\\p{L}\\p{M}\\p{N}!#$%&\'*+/=?^_`{|}~-]+' -%}
    {%- do return('^' ~ atom ~ '(?:[.]' ~ atom ~ ')*@' ~ assay.host_pattern() ~ '$') -%}
{% endmacro %}


{#-
An address of the web, as a regular expression: a host by its name or number, and nothing
that a browser would have to escape but letters.
-#}
{% macro url_pattern() %}
    {%- set number = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})' -%}
    {%- do return('^(?i:https?)://(?:[^\\s/?#@]+@)?(?:' ~ assay.host_pattern() ~ '[.]?|'
        ~ number ~ '(?:[.]' ~ number ~ '){3})(?::[0-9]{1,5})?'
        ~ '(?:[/?#](?:%[0-9A-Fa-f]{2}|[^\\s\\p{Z}\\p{C}%<>"{}|\\\\^`])*)?$') -%}
{% endmacro %}


{#- The condition of a text that is no GTIN: its check digit weighs the others 3, 1, 3. -#}
{% macro gtin_sql(text) %}
    {%- set digits = [] -%}
    {%- for place in range(1, 15) -%}
        {%- do digits.append('try_cast(substr(lpad(' ~ text ~ ", 14, '0'), " ~ place
            ~ ', 1) as integer)' ~ (' * 3' if place is odd else '')) -%}
    {%- endfor -%}
    {#- All zeros are no article, though their sum is right. -#}
    {%- do return('(not '
        ~ assay.matches(text, "'^([0-9]{8}|[0-9]{12,14})$'") ~ ' or not '
        ~ assay.matches(text, "'[1-9]'") ~ ' or coalesce(('
        ~ digits | join(' + ') ~ ') % 10 <> 0, true))') -%}
{% endmacro %}


{#-
The condition of a text that is no time as a format writes it. What is read is written
again, because reading alone takes `1` for `01`; but for fractions and zones, which may be
written in several ways.
-#}
{% macro date_format_sql(format, rule) %}
    {%- set time = 'try_strptime(' ~ rule.text ~ ', ' ~ assay.literal(format) ~ ')' -%}
    {%- if modules.re.search('%[fgnzZ]', format.replace('%%', '')) -%}
        {%- do return(time ~ ' is null') -%}
    {%- endif -%}
    {%- set written = 'strftime(' ~ time ~ ', ' ~ assay.literal(format) ~ ')' -%}
    {%- do return('coalesce(lower(' ~ written ~ ') <> lower(' ~ rule.text ~ '), true)')
    -%}
{% endmacro %}


{#-
What clean text does not hold, as a regular expression: control characters; the
replacement character; what has no width within a word, but for the joiners and breaks
that scripts without spaces, or with joined letters, need; a combining mark without a letter
before it; UTF-8 read as Latin-1 or Windows-1252 (a lead byte shown as one of
Â Ã â ä å æ ç è é ï ð, followed by continuation bytes); tags and entities that HTML
knows (`a<b and c>d` compares, `R&D;` is a name); doubled spaces; white space at an end.
-#}
{% macro unclean_pattern() %}
    {%- set continued = '[\\x{a0}-\\x{bf}ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]' -%}
    {%- set spaced = '[^\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}]' -%}
    {%- set joined = '[\\p{Latin}\\p{Cyrillic}\\p{Greek}\\p{Han}\\p{Hiragana}\\p{Katakana}'
        ~ '\\p{Hangul}0-9]' -%}
    {%- do return(
        '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\x{80}-\\x{9f}\\x{fffd}]'
        ~ '|[ÂÃ]' ~ continued ~ '|(?:[ÂÃÄÅÎÏÐÑØÙ]' ~ continued ~ '){2}'
        ~ '|(?:[ã-ï]' ~ continued ~ '{2}){2}|[äåæçèé][\\x{a1}-\\x{bf}€™œ]{2}'
        ~ '|â€|ï¿½|ï»¿|ðŸ|â[¡-¿ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]' ~ continued
        ~ '|ã[€‚ƒ]' ~ continued ~ '|ï[¼½¾]' ~ continued
        ~ '|[\\x{ad}\\x{2060}-\\x{2064}\\x{feff}]'
        ~ '|' ~ spaced ~ '\\x{200b}' ~ spaced
        ~ '|' ~ joined ~ '[\\x{200c}-\\x{200f}\\x{202a}-\\x{202e}]+' ~ joined
        ~ '|(?:^|[^\\p{L}\\p{M}\\p{Sm}\\x{25cc}])[\\x{300}-\\x{36f}]'
        ~ '|(?:^|[\\s\\p{Z}])\\p{M}'
        ~ '|' ~ assay.tag_pattern()
        ~ '|&(?:' ~ assay.entities_of_html() ~ '|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});'
        ~ '|  |^' ~ assay.white_space() ~ '|' ~ assay.white_space() ~ '$'
    ) -%}
{% endmacro %}


{#- A tag of HTML, whose attributes have values, or a comment, as a regular expression. -#}
{% macro tag_pattern() %}
    {%- set names = (
        'a abbr address article aside b bdi bdo big blockquote body br button'
        ~ ' canvas center cite code col colgroup dd del details dfn div dl dt em'
        ~ ' fieldset figcaption figure font footer form frame h1 h2 h3 h4 h5 h6'
        ~ ' head header hr html i iframe img input ins kbd label legend li link'
        ~ ' main mark meta nav noscript object ol optgroup option p param picture'
        ~ ' pre q s samp script section select small source span strike strong'
        ~ ' style sub summary sup svg table tbody td textarea tfoot th thead title'
        ~ ' tr tt u ul var video wbr'
    ) -%}
    {%- set flags = 'async autoplay checked controls default defer disabled hidden loop'
        ~ ' multiple muted noshade nowrap open readonly required selected' -%}
    {%- do return(
        '(?i:</?(?:' ~ names.replace(' ', '|') ~ ')'
        ~ '(?:\\s+[a-z_:@][\\w:.-]*\\s*=\\s*'
        ~ '(?:"[^"<>]*"|\'[^\'<>]*\'|[^\\s"\'<>=]+)'
        ~ '|\\s+(?:' ~ flags.replace(' ', '|') ~ '))*\\s*/?>|<!--[^<>]*-->)'
    ) -%}
{% endmacro %}


{#- The names of HTML 4, and of HTML 5 those that stand for signs of ASCII. -#}
{% macro entities_of_html() %}
    {%- set names = (
        'Aacute aacute Acirc acirc acute AElig aelig Agrave agrave alefsym'
        ~ ' Alpha alpha amp and ang apos Aring aring ast asymp Atilde atilde Auml'
        ~ ' auml bdquo Beta beta brvbar bsol bull cap Ccedil ccedil cedil cent'
        ~ ' check Chi chi circ clubs colon comma commat cong copy crarr cross cup'
        ~ ' curren Dagger dagger dArr darr dash deg Delta delta diams divide'
        ~ ' dollar Eacute eacute Ecirc ecirc Egrave egrave empty emsp ensp Epsilon'
        ~ ' epsilon equals equiv Eta eta ETH eth Euml euml euro excl exist fnof'
        ~ ' forall frac12 frac14 frac34 frasl Gamma gamma ge grave gt hArr harr'
        ~ ' Hat hearts hellip horbar hyphen Iacute iacute Icirc icirc iexcl Igrave'
        ~ ' igrave image infin int Iota iota iquest isin Iuml iuml Kappa kappa'
        ~ ' Lambda lambda lang laquo lArr larr lbrace lceil ldquo le lfloor lowast'
        ~ ' lowbar loz lpar lrm lsaquo lsqb lsquo lt macr mdash micro middot minus'
        ~ ' Mu mu nabla nbsp ndash ne NewLine ni not notin nsub Ntilde ntilde Nu'
        ~ ' nu num Oacute oacute Ocirc ocirc OElig oelig Ograve ograve oline Omega'
        ~ ' omega Omicron omicron oplus or ordf ordm Oslash oslash Otilde otilde'
        ~ ' otimes Ouml ouml para part percnt period permil perp Phi phi phone Pi'
        ~ ' pi piv plus plusmn pound Prime prime prod prop Psi psi quest quot'
        ~ ' radic rang raquo rArr rarr rbrace rceil rdquo real reg rfloor Rho rho'
        ~ ' rlm rpar rsaquo rsqb rsquo sbquo Scaron scaron sdot sect semi shy'
        ~ ' Sigma sigma sigmaf sim sol spades star sub sube sum sup sup1 sup2 sup3'
        ~ ' supe szlig Tab Tau tau there4 Theta theta thetasym thinsp THORN thorn'
        ~ ' tilde times trade Uacute uacute uArr uarr Ucirc ucirc Ugrave ugrave'
        ~ ' uml upsih Upsilon upsilon Uuml uuml verbar weierp Xi xi Yacute yacute'
        ~ ' yen Yuml yuml Zeta zeta zwj zwnj'
    ) -%}
    {%- do return(names.replace(' ', '|')) -%}
{% endmacro %}


{#- Whether a text is none of the terms of a vocabulary. -#}
{% macro _no_term_of(vocabulary, text, known) %}
    {%- set terms = [] -%}
    {%- for term in known.vocabularies.get(vocabulary, []) -%}
        {%- do terms.append(assay.literal(term)) -%}
    {%- endfor -%}
    {%- do return(text ~ ' not in (' ~ terms | join(', ') ~ ')' if terms
        else 'true') -%}
{% endmacro %}
