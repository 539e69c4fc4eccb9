SELECT i, s FROM everything UNION SELECT b, v FROM everything EXCEPT (VALUES (1, 'a'), (2, NULL)) INTERSECT TABLE everything
