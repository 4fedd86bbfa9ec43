-- Run once, when the server's volume is new: one database for each node of docker-compose.yml.
create database node_a;
create database node_b;
