-- The rules of the feeds events, products and users as an analyst would write them by
-- hand, each with the rows it checks. Leaves three kinds of tables: the feeds, `issues`
-- (one row per failing row and rule) and `measures` (one row per rule and slice).
-- Variables: folder, vocabularies (the terms of currencies), as_of.

create macro is_missing(value) as
    value is null
    or lower(trim(value)) in (
        '', 'n/a', 'na', 'null', 'none', 'nil', 'nan', 'unknown', 'undefined', '-', '--',
        '?', 'tbd', '无', '未知', '空', '暂无', '不详'
    );

create macro as_fact(value) as lower(regexp_replace(trim(value), '\s+', ' ', 'g'));

-- Reading the columns a rule needs is faster than copying the whole file to a table.
create temp view events as
select * exclude (file_row_number), file_row_number as rowid
from read_parquet(getvariable('folder') || '/events.parquet', file_row_number = true);

create table products as from read_parquet(getvariable('folder') || '/products.parquet');
create table users as from read_parquet(getvariable('folder') || '/users.parquet');

-- What several rules look up.

create temp table repeated_events as
select rowid as row, row_number() over (partition by event_id) as occurrence
from events
where event_id in (select event_id from events group by event_id having count(*) > 1);

create temp table repeated_contents as
with firsts as (
    from events
    select *, rowid as row
    where rowid not in (select row from repeated_events where occurrence > 1)
)
-- What is missing is like what is missing.
select row, row_number() over (
    partition by user_id, product_id, session_id, event_type, occurred_at
    order by event_id
) as occurrence
from firsts
where hash(user_id, product_id, session_id, event_type, occurred_at) in (
    select hash(user_id, product_id, session_id, event_type, occurred_at)
    from firsts
    group by user_id, product_id, session_id, event_type, occurred_at
    having count(*) > 1
);

create temp table repeated_products as
select
    rowid as row,
    row_number() over (partition by product_id, source_system) as occurrence
from products
qualify count(*) over (partition by product_id, source_system) > 1;

create temp table repeated_users as
select rowid as row, row_number() over (partition by user_id) as occurrence
from users
qualify count(*) over (partition by user_id) > 1;

create temp table compared_products as
select
    product_id,
    count(title) filter (not is_missing(title)) as titles,
    min(as_fact(title)) filter (not is_missing(title)) as first_title,
    max(as_fact(title)) filter (not is_missing(title)) as last_title,
    count(brand) filter (not is_missing(brand)) as brands,
    min(as_fact(brand)) filter (not is_missing(brand)) as first_brand,
    max(as_fact(brand)) filter (not is_missing(brand)) as last_brand,
    count(price) as prices,
    max(price) - min(price) as price_difference
from products
group by product_id
having count(*) > 1;

create temp table rare_spellings as
with spellings as (
    select 'category' as field, category as spelling from products
    union all
    select 'brand', brand from products
    union all
    select 'city', city from users
),
counted as (
    select field, spelling, count(*) as times
    from spellings
    where not is_missing(spelling)
    group by field, spelling
)
select field, spelling
from counted
qualify times < max(times) over (partition by field, lower(spelling));

-- The failing rows.

create table issues as
with event as not materialized (
    select *, rowid as row, event_id as key, occurred_at::date as day, null as category
    from events
),
product as not materialized (
    select
        *,
        rowid as row,
        product_id || '|' || source_system as key,
        updated_at::date as day
    from products
),
user as not materialized (
    select
        *,
        rowid as row,
        user_id as key,
        updated_at::date as day,
        null as source_system,
        null as category
    from users
),
failing (rule_name, row, key, found_value, day, source_system, category) as (
    select 'event_id_present', row, key, event_id, day, source_system, category
    from event where is_missing(event_id)
    union all
    select 'event_is_unique', row, key, event_id, day, source_system, category
    from event
    where row in (select row from repeated_events where occurrence > 1)
        and not is_missing(event_id)
    union all
    select
        'event_content_is_unique', row, key,
        concat_ws(' | ', user_id, product_id, session_id, event_type, occurred_at),
        day, source_system, category
    from event
    where row in (select row from repeated_contents where occurrence > 1)
        and (
            occurred_at is not null
            or not (is_missing(user_id) and is_missing(product_id))
            or not (is_missing(session_id) and is_missing(event_type))
        )
    union all
    select 'event_user_present', row, key, user_id, day, source_system, category
    from event where is_missing(user_id)
    union all
    select 'event_user_exists', row, key, user_id, day, source_system, category
    from event anti join users using (user_id)
    where not is_missing(user_id)
    union all
    select 'event_product_present', row, key, product_id, day, source_system, category
    from event where is_missing(product_id)
    union all
    select
        'event_product_exists', row, key, product_id, day, event.source_system,
        event.category
    from event anti join products using (product_id)
    where not is_missing(product_id)
    union all
    select 'event_type_is_known', row, key, event_type, day, source_system, category
    from event
    where event_type not in ('view', 'click', 'add_to_cart', 'purchase', 'favorite')
        and not is_missing(event_type)
    union all
    select
        'event_quantity_in_range', row, key, quantity::double::text, day, source_system,
        category
    from event where quantity < 1
    union all
    select 'event_price_in_range', row, key, price::text, day, source_system, category
    from event where price < 0.01
    union all
    select
        'event_time_present', row, key, occurred_at::text, day, source_system, category
    from event where occurred_at is null
    union all
    select
        'event_occurred_before_ingested', row, key,
        occurred_at::text || ' > ' || ingested_at::text, day, source_system, category
    from event where occurred_at > ingested_at
    union all
    select
        'event_is_not_in_the_future', row, key, occurred_at::text, day, source_system,
        category
    from event where occurred_at > getvariable('as_of')::timestamp
    union all
    select
        'event_is_not_cancelled', purchase.row, any_value(purchase.key),
        min(cancellation.key), any_value(purchase.day),
        any_value(purchase.source_system), any_value(purchase.category)
    from (from event where event_type = 'cancel') as cancellation
    asof join (from event where not event_type = 'cancel') as purchase
        on cancellation.user_id = purchase.user_id
        and cancellation.product_id = purchase.product_id
        and -cancellation.quantity = purchase.quantity
        and cancellation.occurred_at >= purchase.occurred_at
    group by purchase.row
    union all
    select 'events_cover_days', null, expected::text, null, null, null, null
    from (
        select unnest(generate_series(
            min(occurred_at)::date, getvariable('as_of')::date - 1, interval 1 day
        ))::date as expected
        from events
        where occurred_at < getvariable('as_of')::timestamp
    )
    where expected not in (
        select occurred_at::date from events where occurred_at is not null
    )
    union all
    select distinct 'events_cover_products', null, product_id, null, null, null, null
    from products anti join events using (product_id)
    where not is_missing(product_id)
    union all
    select distinct 'users_cover_events', null, user_id, null, null, null, null
    from events anti join users using (user_id)
    where not is_missing(user_id)

    union all
    select 'product_id_present', row, key, product_id, day, source_system, category
    from product where is_missing(product_id)
    union all
    select
        'product_is_unique', row, key, product_id || ' | ' || source_system, day,
        source_system, category
    from product
    where row in (select row from repeated_products where occurrence > 1)
        and not is_missing(product_id) and not is_missing(source_system)
    union all
    select 'product_title_present', row, key, title, day, source_system, category
    from product where is_missing(title)
    union all
    select 'product_title_is_clean', row, key, title, day, source_system, category
    from product
    where not is_missing(title) and regexp_matches(
        title,
        '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{fffd}]'
        '|[ÂÃ][\x{a0}-\x{bf}ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]'
        '|â€|ï¿½|ï»¿|ðŸ|[äåæçèé][\x{a0}-\x{bf}€™œ][\x{a0}-\x{bf}€™œ]'
        '|</?[A-Za-z][^<>]*>'
        '|&(?:[a-zA-Z]{2,8}|#[0-9]{1,6}|#x[0-9a-fA-F]{1,6});'
        '|  |^[\s\x{3000}\x{a0}]|[\s\x{3000}\x{a0}]$'
    )
    union all
    select 'product_title_agrees', row, key, title, day, source_system, category
    from product join compared_products using (product_id)
    where first_title <> last_title and not is_missing(title)
    union all
    select 'product_category_present', row, key, category, day, source_system, category
    from product where is_missing(category)
    union all
    select
        'product_category_has_one_spelling', row, key, category, day, source_system,
        category
    from product
    where category in (select spelling from rare_spellings where field = 'category')
    union all
    select 'product_brand_present', row, key, brand, day, source_system, category
    from product where is_missing(brand)
    union all
    select
        'product_brand_has_one_spelling', row, key, brand, day, source_system, category
    from product
    where brand in (select spelling from rare_spellings where field = 'brand')
    union all
    select 'product_brand_agrees', row, key, brand, day, source_system, category
    from product join compared_products using (product_id)
    where first_brand <> last_brand and not is_missing(brand)
    union all
    select 'product_price_present', row, key, price::text, day, source_system, category
    from product where price is null
    union all
    select 'product_price_in_range', row, key, price::text, day, source_system, category
    from product where price not between 0.01 and 1000000
    union all
    select 'product_price_agrees', row, key, price::text, day, source_system, category
    from product join compared_products using (product_id)
    where price_difference > 0.005 and price is not null
    union all
    select
        'product_currency_is_iso_4217', row, key, currency, day, source_system, category
    from product
    where not is_missing(currency) and trim(currency) not in (
        select term from read_csv(getvariable('vocabularies'))
        where vocabulary = 'currency'
    )
    union all
    select
        'product_updated_is_not_in_the_future', row, key, updated_at::text, day,
        source_system, category
    from product where updated_at > getvariable('as_of')::timestamp
    union all
    select
        'product_is_current', row, key, updated_at::text, day, source_system, category
    from product where updated_at < getvariable('as_of')::timestamp - interval 365 days

    union all
    select 'user_id_present', row, key, user_id, day, source_system, category
    from user where is_missing(user_id)
    union all
    select 'user_is_unique', row, key, user_id, day, source_system, category
    from user
    where row in (select row from repeated_users where occurrence > 1)
        and not is_missing(user_id)
    union all
    select 'user_email_present', row, key, email, day, source_system, category
    from user where is_missing(email)
    union all
    select 'user_email_in_format', row, key, email, day, source_system, category
    from user
    where not is_missing(email)
        and not regexp_matches(email, '^[^@\s]+@[^@\s]+\.[a-z]{2,}$')
    union all
    select 'user_gender_is_known', row, key, gender, day, source_system, category
    from user
    where not is_missing(gender) and gender not in ('female', 'male', 'other')
    union all
    select
        'user_birth_year_in_range', row, key, birth_year::text, day, source_system,
        category
    from user where birth_year not between 1900 and 2026
    union all
    select 'user_city_present', row, key, city, day, source_system, category
    from user where is_missing(city)
    union all
    select 'user_city_has_one_spelling', row, key, city, day, source_system, category
    from user where city in (select spelling from rare_spellings where field = 'city')
    union all
    select
        'user_updated_is_not_in_the_future', row, key, updated_at::text, day,
        source_system, category
    from user where updated_at > getvariable('as_of')::timestamp
    union all
    select 'user_is_current', row, key, updated_at::text, day, source_system, category
    from user where updated_at < getvariable('as_of')::timestamp - interval 365 days
),
repeated as (
    select 'event' as feed, * from repeated_events
    union all
    select 'product', * from repeated_products
    union all
    select 'user', * from repeated_users
)
select
    failing.rule_name,
    failing.key as record_key,
    case when failing.row is not null then coalesce(repeated.occurrence, 1) end
        as occurrence,
    failing.found_value,
    failing.day,
    failing.source_system,
    failing.category
from failing
left join repeated
    on failing.row = repeated.row and starts_with(failing.rule_name, repeated.feed);

-- The rows checked, by day, source system and category. Where a type is right from the
-- start, as in Parquet, the rules *_is_time cannot fail and are left out.

create temp table checked as
with event_counts as (
    select
        occurred_at::date as day,
        source_system,
        count(*) as all_rows,
        count(*) filter (not is_missing(event_id)) as with_key,
        count(*) filter (not is_missing(user_id)) as with_user,
        count(*) filter (not is_missing(product_id)) as with_product,
        count(*) filter (
            occurred_at is not null
            or not (is_missing(user_id) and is_missing(product_id))
            or not (is_missing(session_id) and is_missing(event_type))
        ) as with_content,
        count(*) filter (not is_missing(event_type)) as with_type,
        count(quantity) as with_quantity,
        count(price) as with_price,
        count(occurred_at) as with_time,
        count(*) filter (occurred_at is not null and ingested_at is not null) as with_both,
        count(*) filter (event_type is distinct from 'cancel') as no_cancellation
    from events
    group by all
),
product_counts as (
    select
        updated_at::date as day,
        source_system,
        category,
        count(*) as all_rows,
        count(*) filter (not is_missing(product_id)) as with_id,
        count(*) filter (not is_missing(product_id) and not is_missing(source_system))
            as with_key,
        count(*) filter (not is_missing(title)) as with_title,
        count(*) filter (not is_missing(title) and titles > 1) as titles_compared,
        count(*) filter (not is_missing(category)) as with_category,
        count(*) filter (not is_missing(brand)) as with_brand,
        count(*) filter (not is_missing(brand) and brands > 1) as brands_compared,
        count(price) as with_price,
        count(price) filter (prices > 1) as prices_compared,
        count(*) filter (not is_missing(currency)) as with_currency,
        count(updated_at) as with_time
    from products left join compared_products using (product_id)
    group by all
),
user_counts as (
    select
        updated_at::date as day,
        count(*) as all_rows,
        count(*) filter (not is_missing(user_id)) as with_key,
        count(*) filter (not is_missing(email)) as with_email,
        count(*) filter (not is_missing(gender)) as with_gender,
        count(birth_year) as with_birth_year,
        count(*) filter (not is_missing(city)) as with_city,
        count(updated_at) as with_time
    from users
    group by all
)
select 'events' as feed, day, source_system, null as category, unnest([
    {rule_name: 'event_id_present', rows_checked: all_rows},
    {rule_name: 'event_is_unique', rows_checked: with_key},
    {rule_name: 'event_content_is_unique', rows_checked: with_content},
    {rule_name: 'event_user_present', rows_checked: all_rows},
    {rule_name: 'event_user_exists', rows_checked: with_user},
    {rule_name: 'event_product_present', rows_checked: all_rows},
    {rule_name: 'event_product_exists', rows_checked: with_product},
    {rule_name: 'event_type_is_known', rows_checked: with_type},
    {rule_name: 'event_quantity_in_range', rows_checked: with_quantity},
    {rule_name: 'event_price_in_range', rows_checked: with_price},
    {rule_name: 'event_time_present', rows_checked: all_rows},
    {rule_name: 'event_occurred_before_ingested', rows_checked: with_both},
    {rule_name: 'event_is_not_in_the_future', rows_checked: with_time},
    {rule_name: 'event_is_not_cancelled', rows_checked: no_cancellation}
], recursive := true)
from event_counts
union all
select 'products', day, source_system, category, unnest([
    {rule_name: 'product_id_present', rows_checked: all_rows},
    {rule_name: 'product_is_unique', rows_checked: with_key},
    {rule_name: 'product_title_present', rows_checked: all_rows},
    {rule_name: 'product_title_is_clean', rows_checked: with_title},
    {rule_name: 'product_title_agrees', rows_checked: titles_compared},
    {rule_name: 'product_category_present', rows_checked: all_rows},
    {rule_name: 'product_category_has_one_spelling', rows_checked: with_category},
    {rule_name: 'product_brand_present', rows_checked: all_rows},
    {rule_name: 'product_brand_has_one_spelling', rows_checked: with_brand},
    {rule_name: 'product_brand_agrees', rows_checked: brands_compared},
    {rule_name: 'product_price_present', rows_checked: all_rows},
    {rule_name: 'product_price_in_range', rows_checked: with_price},
    {rule_name: 'product_price_agrees', rows_checked: prices_compared},
    {rule_name: 'product_currency_is_iso_4217', rows_checked: with_currency},
    {rule_name: 'product_updated_is_not_in_the_future', rows_checked: with_time},
    {rule_name: 'product_is_current', rows_checked: with_time}
], recursive := true)
from product_counts
union all
select 'users', day, null, null, unnest([
    {rule_name: 'user_id_present', rows_checked: all_rows},
    {rule_name: 'user_is_unique', rows_checked: with_key},
    {rule_name: 'user_email_present', rows_checked: all_rows},
    {rule_name: 'user_email_in_format', rows_checked: with_email},
    {rule_name: 'user_gender_is_known', rows_checked: with_gender},
    {rule_name: 'user_birth_year_in_range', rows_checked: with_birth_year},
    {rule_name: 'user_city_present', rows_checked: all_rows},
    {rule_name: 'user_city_has_one_spelling', rows_checked: with_city},
    {rule_name: 'user_updated_is_not_in_the_future', rows_checked: with_time},
    {rule_name: 'user_is_current', rows_checked: with_time}
], recursive := true)
from user_counts;

create table measures as
with failing as (
    select rule_name, day, source_system, category, count(*) as failing_rows
    from issues
    where occurrence is not null
    group by all
),
counted as (
    select
        checked.feed,
        checked.rule_name,
        coalesce(checked.day::text, '(missing)') as day,
        coalesce(checked.source_system, '(missing)') as source_system,
        coalesce(checked.category, '(missing)') as category,
        checked.rows_checked,
        coalesce(failing.failing_rows, 0) as failing_rows
    from checked left join failing
        on checked.rule_name = failing.rule_name
        and checked.day is not distinct from failing.day
        and checked.source_system is not distinct from failing.source_system
        and checked.category is not distinct from failing.category
),
sliced as (
    select
        feed,
        rule_name,
        case
            when grouping(day) = 0 then 'day'
            when grouping(source_system) = 0 then 'source_system'
            when grouping(category) = 0 then 'category'
            else 'all'
        end as slice_type,
        coalesce(
            case when grouping(day) = 0 then day end,
            case when grouping(source_system) = 0 then source_system end,
            case when grouping(category) = 0 then category end
        ) as slice_value,
        sum(rows_checked)::bigint as rows_checked,
        sum(failing_rows)::bigint as failing_rows
    from counted
    group by grouping sets (
        (feed, rule_name), (feed, rule_name, day), (feed, rule_name, source_system),
        (feed, rule_name, category)
    )
),
newest as (
    select
        'events_updated_daily' as rule_name, source_system, max(occurred_at) as newest,
        interval 1 day as cycle
    from events
    where occurred_at <= getvariable('as_of')::timestamp
    group by grouping sets ((), (source_system))
    union all
    select 'products_updated_weekly', source_system, max(updated_at), interval 7 days
    from products
    where updated_at <= getvariable('as_of')::timestamp
    group by grouping sets ((), (source_system))
    union all
    select 'users_updated_weekly', null, max(updated_at), interval 7 days
    from users
    where updated_at <= getvariable('as_of')::timestamp
),
covered as (
    select 'events_cover_days' as rule_name, date_diff(
        'day', min(occurred_at)::date, getvariable('as_of')::date
    ) as expected
    from events
    union all
    select 'events_cover_products', count(distinct product_id)
    from products
    where not is_missing(product_id)
    union all
    select 'users_cover_events', count(distinct user_id)
    from events
    where not is_missing(user_id)
)
select rule_name, slice_type, slice_value, rows_checked, failing_rows
from sliced
where slice_type in ('all', 'day')
    or (slice_type = 'source_system' and feed in ('events', 'products'))
    or (slice_type = 'category' and feed = 'products')
union all
select
    rule_name,
    case when source_system is null then 'all' else 'source_system' end,
    source_system,
    1,
    (getvariable('as_of')::timestamp - newest > cycle)::bigint
from newest
union all
select rule_name, 'all', null, expected, (
    select count(*) from issues where issues.rule_name = covered.rule_name
)
from covered;
