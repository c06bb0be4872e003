-- A few rows of everything: enough for an injection to have something to read.
create table products (id serial primary key, name text not null, category text not null, price numeric(8, 2) not null, stock int not null);
create table customers (id serial primary key, name text not null, email text not null, password text not null, bio text not null default '');
create table orders (id serial primary key, customer text not null, total numeric(8, 2) not null, data jsonb not null);
create table sessions (token text primary key, customer int not null);
create table visits (id serial primary key, agent text not null, page text not null);
create table drafts (id int primary key, title text not null);

insert into products (name, category, price, stock) values
  ('Blue kettle', 'kitchen', 39.90, 4), ('Oak table', 'living', 420.00, 1), ('Wool blanket', 'living', 79.50, 9), ('Desk lamp', 'office', 34.00, 0);
insert into customers (name, email, password) values ('Ada', 'ada@example.com', 'correct horse'), ('Grace', 'grace@example.com', 'battery staple');
insert into orders (customer, total, data) values
  ('Ada', 459.90, '{"ref": "A-1", "gift": true}'), ('Grace', 79.50, '{"ref": "A-2", "gift": false}');
insert into sessions values ('s-ada', 1), ('s-grace', 2);
insert into drafts values (1, 'kitchen');
