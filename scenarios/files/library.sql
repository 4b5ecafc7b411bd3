create table books (id integer primary key, title text not null, shelf text not null, copies integer not null);
insert into books (title, shelf, copies) values ('Persuasion', 'A 7', 2), ('Solaris', 'L 4', 1), ('The Leopard', 'T 2', 3);
