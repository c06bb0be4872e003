-- What the five ORMs work on; emptied before each run, so that two runs give the same rows.
create table people (id serial primary key, name text not null, email text unique not null, born date, score numeric(10, 2), tags text[], note text);
create table orders (id serial primary key, person int not null references people on delete cascade, item text not null, amount int not null,
  placed timestamptz not null, extra jsonb);
