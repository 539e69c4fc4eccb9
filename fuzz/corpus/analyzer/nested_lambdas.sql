SELECT transform(aa, p -> filter(p, q -> any_match(p, r -> r = q))) FROM everything
