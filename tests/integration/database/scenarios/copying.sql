-- COPY in each format and direction, through the protocol, through psql and through the server's own files; large objects.
create table c (a int, b text, d date, e text[], f jsonb, g numeric);
copy c from stdin;
1	plain	2024-01-01	{x,y}	{"k": 1}	1.50
2	tab\there	\N	\N	\N	\N
3	back\\slash	2024-02-29	{"a b",NULL}	[]	NaN
\.
copy c to stdout;
copy c (b, a) to stdout with (format csv, header, quote '"', force_quote (b));
copy c to stdout with (format csv, delimiter ';', null 'NULL', header true, escape '\');
copy c from stdin with (format csv, header match);
a,b,d,e,f,g
4,"quoted, ""text""
over lines",2024-03-01,"{q}","{""a"": ""b""}",7
\.
copy c from stdin (delimiter '|', null '-');
5|five|-|-|-|-
\.
copy c from stdin csv;
notanumber,x,,,,
\.
copy c from stdin;
1	too	few
\.
copy c from stdin;
1	x	2024-01-01	{}	{}	1	extra
\.
copy c (a) from stdin where a > 10;
5
15
\.
copy c from stdin with (format csv, header match);
wrong,header,d,e,f,g
\.
copy (select a, b from c where a < 4 order by a) to stdout;
copy (insert into c (a) values (99) returning a) to stdout;
copy (select 1/0) to stdout; copy (select 1/(3-g) from generate_series(1,5) g) to stdout; copy nowhere to stdout; copy nowhere from stdin; copy c (nocolumn) to stdout; copy c to stdout (format nonsense); copy c to stdout (delimiter 'ab'); copy c to stdout with binary csv; copy c from program 'echo 7' (format text); copy c (a) from program 'echo 7'; copy c (a) from program 'exit 3'; copy c to program 'cat > /dev/null'; copy c from '/nonexistent/file'; copy c to 'relative'; copy c to '/dev/null';
select a, b, d, e, f, g from c order by a, b;
\copy c (a, b) to '/tmp/bulwark_scenario_copy.txt'
\copy c (a, b) from '/tmp/bulwark_scenario_copy.txt'
\copy c to '/tmp/bulwark_scenario_copy.bin' (format binary)
\copy c from '/tmp/bulwark_scenario_copy.bin' (format binary)
\copy (select a, b from c order by 1, 2) to stdout csv header
\copy c (a) from program 'seq 100 105'
\copy c (a) to program 'sort -n | tail -3' 
\copy nowhere from '/tmp/bulwark_scenario_copy.txt'
\copy c from '/nonexistent'
select count(*), sum(a) from c;
create table big (n int, t text);
\copy big from program 'seq 1 60000 | sed "s/\\(.*\\)/\\1\\tline number \\1 with ümläut/"'
select count(*), sum(n), md5(string_agg(t, '' order by n)) from big;
\copy (select n, repeat(t, 20) from big order by n) to program 'md5sum'
select 1\; copy (select 7 as x) to stdout\; select 2;
begin; copy c (a) from stdin;
200
\.
rollback; select count(*) from c where a = 200; begin; copy c (a) from stdin;
x
\.
select 1; rollback;
copy c from stdin freeze; 
\.
create function before_insert() returns trigger language plpgsql as $$ begin if new.a = 42 then return null; end if; new.b := coalesce(new.b, 'set'); return new; end $$; create trigger bi before insert on c for each row execute function before_insert(); copy c (a) from stdin;
41
42
43
\.
select a, b from c where a between 41 and 43 order by a;
select lo_create(4711); begin; select lo_open(4711, x'60000'::int) as fd \gset
select lowrite(:fd, 'hello large object'), lo_lseek(:fd, 6, 0), encode(loread(:fd, 5), 'escape'), lo_tell(:fd), lo_close(:fd); commit; select lo_get(4711, 0, 5), lo_put(4711, 0, 'J'), encode(lo_get(4711), 'escape'); select lo_from_bytea(4712, '\x010203'), lo_unlink(4712), lo_unlink(4712);
\lo_export 4711 '/tmp/bulwark_scenario_lo.txt'
\lo_unlink 4711
\lo_list
select lo_import('/nonexistent'); select lo_export(1, '/nonexistent/x');
