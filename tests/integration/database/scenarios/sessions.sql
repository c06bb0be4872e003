-- Transactions, settings, cursors, prepared statements, notices, and what psql itself does with results.
begin; select 1; savepoint a; select 1/0; select 2; rollback to a; select 3; release a; release a; rollback; commit; rollback;
begin isolation level serializable read only deferrable; show transaction_isolation; create table t (a int); end; start transaction isolation level repeatable read; show transaction_isolation; set transaction isolation level serializable; select 1; set transaction isolation level serializable; abort; begin; begin; commit and chain; show transaction_read_only; rollback and chain; commit;
create table acc (id int primary key, v int, constraint c check (v >= 0) no inherit, unique (v) deferrable initially deferred); insert into acc values (1, 1), (2, 2); begin; update acc set v = 2 where id = 1; select * from acc order by id; commit; begin; set constraints all immediate; update acc set v = 2 where id = 1; rollback; set session characteristics as transaction isolation level repeatable read; show default_transaction_isolation; reset default_transaction_isolation;
prepare transaction 'x'; begin; insert into acc values (3, 3); prepare transaction 'two-phase'; select gid from pg_prepared_xacts; commit prepared 'two-phase'; rollback prepared 'nothing'; select count(*) from acc;
set search_path to pg_catalog, "$user", public; show search_path; set local search_path = x; reset search_path; set timezone = 'America/New_York'; select timestamptz '2024-07-01 12:00+00'; set datestyle = 'German, DMY'; select date '1.2.2024', timestamptz '2024-07-01 12:00+00'; set intervalstyle = iso_8601; select interval '1 day 2 hours'; set lc_numeric = 'C'; set no.custom = 'v'; show no.custom; set nosuch = 1; set work_mem = 'lots'; set timezone to 'Nowhere'; show nosuch; select set_config('my.var', 'x', false), current_setting('my.var'); reset all; show timezone; set extra_float_digits = 0; select 0.1::float8 + 0.2::float8; reset extra_float_digits; set statement_timeout = 50; select count(*) from generate_series(1, 100000000); reset statement_timeout; set client_min_messages = debug1; set client_min_messages = warning; drop table if exists nowhere; reset client_min_messages;
set standard_conforming_strings = off; select 'a\nb', 'it\'s', '\x41', E'\\', 'back\\slash'; show standard_conforming_strings; set escape_string_warning = off; select 'c\td'; set standard_conforming_strings = on; select 'a\nb'; set backslash_quote = off; select E'a\'b'; reset backslash_quote; reset escape_string_warning;
select $$dollar 'quoted' "text"$$, $tag$ $$ nested $$ $tag$, $ä$umlaut$ä$; select U&'d\0061t\+000061', U&'d!0061' uescape '!', U&"\0061" from (select 1 as a) x; select 'one' 
 'two', E'\u00e4\x41\101', B'1010', X'1F', N'n'; select /* a /* nested */ comment */ 1 -- trailing
 + 2; /* only a comment */; -- nothing
;;; select 1;; select 2; /* unclosed
*/
select 1 as one \gset
select :one + 1 as two, :'one' as quoted, :"one" from (select 1 as "1") x;
select 1 as a, 'x' as b, null::numeric(5,2) as c, array[1] as d \gdesc
select nothing \gdesc
\gdesc
select format('select %s as n', g) from generate_series(1, 3) g \gexec
select r, c, r * c as v from generate_series(1,2) r, generate_series(1,3) c order by 1, 2 \crosstabview
select 1/0;
\errverbose
select * from nowhere where x = 1;
\errverbose
\set VERBOSITY verbose
select 'abc'::int; insert into acc values (1, 1); select nofunction(); do $$ begin raise exception using errcode = 'P9999', message = 'own', detail = 'the detail', hint = 'the hint', column = 'c', constraint = 'k', datatype = 'd', table = 't', schema = 's'; end $$; do $$ begin raise notice 'n %', 1; raise warning 'w'; raise info 'i'; raise log 'l'; end $$;
\set VERBOSITY sqlstate
select 1/0;
\set VERBOSITY default
\set ON_ERROR_ROLLBACK on
begin; select 1; select 1/0; select 2; commit;
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT off
insert into acc values (50, 50); select count(*) from acc; rollback; select count(*) from acc; commit;
\set AUTOCOMMIT on
\set FETCH_COUNT 2
select g, repeat('x', g) from generate_series(1, 5) g; select 1/(3-g) from generate_series(1, 5) g;
\unset FETCH_COUNT
\set SINGLELINE on
select 'single'
\unset SINGLELINE
select 1\; select 2\; select 3; begin\; select 4\; select 1/0\; select 5; rollback; select 1\; selec 2\; select 3; create table multi (a int)\; insert into multi values (1)\; select * from multi\; drop table multi; insert into acc values (60,60)\; select 1/0; select count(*) from acc where id = 60;
begin; declare c scroll cursor for select * from generate_series(1, 10) g; fetch 2 from c; fetch last from c; fetch relative -3 from c; move backward all in c; fetch forward 1 from c; fetch absolute 5 c; fetch prior c; fetch 0 c; close c; fetch c; rollback; begin; declare h cursor with hold for values (1), (2); commit; fetch all h; close all; declare bare cursor for select 1; begin; declare b binary cursor for select 1::int4; declare n no scroll cursor for select 1; fetch backward n; rollback; begin; declare u cursor for select * from acc for update; fetch u; update acc set v = 10 where current of u; select * from acc order by id; rollback;
prepare p (int, text) as select $1 + 1, upper($2); execute p(1, 'x'); execute p('y', 'x'); execute p(1); execute nop; select name, statement, parameter_types, from_sql from pg_prepared_statements order by 1; explain (costs off) execute p(1, 'b'); prepare p as select 1; deallocate p; deallocate p; prepare bad as selec 1; prepare q as insert into acc values ($1, $1) returning *; execute q(70); execute q(70); deallocate all; deallocate prepare nothing;
listen ch; notify ch, 'payload with '' quote'; select pg_notify('ch', 'by function') is null; unlisten ch; notify ch, 'unheard'; notify other; unlisten *; select 1;
create role tester; set role tester; select current_user = 'tester', session_user = current_user; create table forbidden (a int); select * from acc; reset role; set session authorization tester; select session_user; reset session authorization; set role nobodyatall; grant select (id) on acc to tester; set role tester; select id from acc order by id limit 1; select v from acc; insert into acc values (80, 80); reset role; drop role tester; drop owned by tester; drop role tester;
discard plans; discard sequences; discard temp; discard all; select count(*) from pg_prepared_statements; explain (analyze, costs off, timing off, summary off) select 1; explain (format json, costs off) select * from acc; explain (verbose, costs off) select id from acc where id = 1; explain selec 1; explain (nooption) select 1;
\echo done :ROW_COUNT :SQLSTATE :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
\conninfo_not
\x on
select 1 as a, 'long text' as b; select * from acc where id < 0;
\x off
\pset format csv
select 'a,b' as x, 'q"q' as y, null as z;
\pset format html
select '<b>' as h;
\pset format unaligned
\t on
select 1, 2;
\t off
\pset format aligned
\pset null '(null)'
select null, ''; 
\timing off
select pg_cancel_backend(0); select pg_advisory_lock(1), pg_advisory_unlock(1), pg_advisory_unlock(1), pg_try_advisory_lock(2); select pg_advisory_unlock_all(); select pg_sleep(0.01); select current_database() = current_catalog, version() like 'PostgreSQL%', pg_backend_pid() > 0, inet_server_port() > 0, txid_current_if_assigned() is null, pg_typeof(now()), current_schema(), current_schemas(true);
show all_nothing; show server_encoding; show client_encoding; show is_superuser; show server_version_num; show integer_datetimes; show default_transaction_read_only; set default_transaction_read_only = on; create table ro (a int); set default_transaction_read_only = off;
