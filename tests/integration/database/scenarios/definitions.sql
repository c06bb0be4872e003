-- Definitions of every kind of object, and what fails about them.
create schema shop;
create table shop.customers (id int generated always as identity primary key, name text not null check (length(name) > 1), email text unique, joined date default '2024-02-29', balance numeric(12,2) default 0, tags text[] default '{}');
create table shop.orders (id bigserial primary key, customer int references shop.customers on delete cascade, placed timestamptz default '2024-01-01 00:00:00+00', total numeric(10,2), note text, exclude using btree (note with =));
comment on table shop.orders is 'What was ordered; it''s "quoted"';
comment on column shop.orders.note is E'tab\there';
\d shop.customers
\d+ shop.orders
insert into shop.customers (name, email) values ('Ada', 'ada@example.com'), ('Böb', 'böb@example.com'), ('李', null) returning id, name;
insert into shop.customers (id, name) values (9, 'given');
insert into shop.customers (id, name) overriding system value values (9, 'given') returning *;
insert into shop.customers (name) values ('x');
insert into shop.customers (name, email) values ('Eve', 'ada@example.com');
insert into shop.orders (customer, total) values (99, 1);
alter table shop.customers add column note varchar(5) not null default 'n', alter column email set default 'none', add constraint positive check (balance >= 0) not valid;
alter table shop.customers rename column note to remark;
alter table shop.customers alter column remark type text using remark || '!';
alter table shop.customers drop column remark;
alter table shop.customers add column nothing nosuchtype;
alter table shop.nowhere add column a int;
alter table if exists shop.nowhere add column a int;
create table shop.customers (id int);
create table if not exists shop.customers (id int);
create temporary table scratch (a int, b text collate "C") on commit delete rows;
begin; insert into scratch values (1, 'x'); select * from scratch; commit; select * from scratch;
create unlogged table fast (like shop.customers including all);
\d fast
create table copies as select id, name from shop.customers where id < 3 with data;
select * from copies order by id;
select 1 as a into into_table; table into_table;
create index on shop.orders (customer) where total > 10;
create unique index concurrently fast_name on fast (lower(name) text_pattern_ops desc nulls last) include (email);
create index on shop.orders using hash (note);
create index on shop.orders using gin (note);
reindex index fast_name; drop index fast_name; drop index fast_name;
create sequence counter start 5 increment by -2 minvalue -5 maxvalue 5 cycle owned by copies.id;
select nextval('counter'), nextval('counter'), currval('counter'), lastval(); select setval('counter', 1, false); select * from counter;
alter sequence counter restart with 3; select nextval('counter'::regclass); select nextval('nosequence');
create view shop.big_orders with (security_barrier) as select o.id, c.name from shop.orders o join shop.customers c on c.id = o.customer where o.total > 100 with local check option;
create or replace view shop.rich as select id, name, balance from shop.customers where balance >= 0 with cascaded check option;
insert into shop.rich (name, balance) values ('poor', -1);
\d+ shop.rich
create materialized view shop.summary as select count(*) as n from shop.customers with no data;
select * from shop.summary; refresh materialized view shop.summary; select * from shop.summary; drop materialized view shop.summary;
create type mood as enum ('sad', 'ok', 'happy'); alter type mood add value 'fine' before 'happy';
select 'ok'::mood < 'happy'::mood, enum_range(null::mood); select 'angry'::mood;
create type point3 as (x float8, y float8, z float8); select (row(1, 2.5, 3)::point3).y, row(1,2,3)::point3;
create domain posint as int check (value > 0) default 1; select 5::posint; select (-5)::posint;
create type floatrange as range (subtype = float8, subtype_diff = float8mi); select '[1.5,2.5)'::floatrange @> 2.0::float8;
create table things_with_types (m mood, p point3, d posint, r floatrange, a mood[]); insert into things_with_types values ('sad', '(1,2,3)', 4, '[1,2)', '{ok,happy}'); table things_with_types;
create table parts (k int, at date, v text) partition by range (at);
create table parts_2023 partition of parts for values from ('2023-01-01') to ('2024-01-01');
create table parts_2024 partition of parts for values from ('2024-01-01') to ('2025-01-01') partition by list (k);
create table parts_2024_even partition of parts_2024 for values in (2, 4, 6); create table parts_2024_rest partition of parts_2024 default;
insert into parts values (1, '2023-05-05', 'a'), (2, '2024-05-05', 'b'), (3, '2024-06-06', 'c'); insert into parts values (1, '2030-01-01', 'late');
select tableoid::regclass, * from parts order by k; explain (costs off) select * from parts where at = '2024-05-05' and k = 2;
\d+ parts
alter table parts detach partition parts_2023; alter table parts attach partition parts_2023 for values from ('2023-02-01') to ('2024-01-01');
create table parent (a int); create table child (b int) inherits (parent); insert into child values (1, 2); select * from parent; select * from only parent; drop table parent; drop table parent cascade;
create table "Mixed Case ""quoted"" ünï" ("Größe" int, "日本" text, "select" int); insert into "Mixed Case ""quoted"" ünï" values (1, '語', 2); select "Größe", "日本", "select" from "Mixed Case ""quoted"" ünï"; select größe from "Mixed Case ""quoted"" ünï";
create collation german (provider = libc, locale = 'C'); select 'ä' < 'b' collate german; create collation bad (provider = libc, locale = 'nowhere_XX');
create statistics st (dependencies) on id, customer from shop.orders; drop statistics st;
create function add_one(int) returns int language sql immutable as 'select $1 + 1'; create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0');
select add_one(41), total(v) from (values (1), (2)) t(v) group by 1; create operator +++ (function = add_one, rightarg = int); select +++ 5;
create cast (text as mood) with inout as assignment; drop cast (text as mood);
create text search configuration plain (copy = simple); comment on text search configuration plain is 'plain'; drop text search configuration plain;
create publication p for table shop.orders; \dRp+
alter publication p set (publish = 'insert'); drop publication p;
create rule protect as on delete to copies do instead nothing; delete from copies; select count(*) from copies; drop rule protect on copies;
create tablespace nowhere location '/nonexistent/place'; create database app; drop database nodatabase; create extension nosuchextension; create extension if not exists plpgsql;
create foreign data wrapper fdw; create server s foreign data wrapper fdw; create foreign table ft (a int) server s; select * from ft; drop foreign data wrapper fdw cascade;
create conversion myconv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8; drop conversion myconv; create language nolang; create access method am type index handler nohandler;
create event trigger et on ddl_command_end execute function nofunction(); security label on table copies is 'x'; create transform for int language sql (from sql with function nof(internal));
drop table shop.customers; drop table nowhere; drop table if exists nowhere, nowhere2; drop schema shop; drop type mood; drop view shop.rich, shop.big_orders; drop schema shop cascade; drop owned by nobodyatall;
lock table copies in share row exclusive mode; truncate copies, fast restart identity cascade; vacuum copies; vacuum (full, analyze) copies; analyze copies (name); cluster copies; cluster copies using nothing; checkpoint;
