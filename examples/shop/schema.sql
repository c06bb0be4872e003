-- The shop's data: few rows, so that what an attack would take can be seen at a glance.
create table products (id serial primary key, name text not null, price numeric(8, 2) not null);
create table customers (id serial primary key, name text not null, email text unique not null, password text not null);
create table orders (id serial primary key, customer text not null, card text not null, total numeric(8, 2) not null);
create table reviews (id serial primary key, product int not null, text text not null);

insert into products (name, price) values
  ('Blue kettle', 39.90), ('Oak table', 420.00), ('O''Brien''s lamp', 59.00), ('Wool blanket', 79.50), ('Desk lamp', 34.00);
insert into customers (name, email, password) values
  ('Ada', 'ada@example.com', 'correct horse'), ('Grace', 'grace@example.com', 'battery staple');
insert into orders (customer, card, total) values
  ('ada@example.com', '4111111111111111', 459.90), ('grace@example.com', '5500005555555559', 79.50);
insert into reviews (product, text) values (1, 'Boils fast.'), (2, 'Heavy, but lovely.');
