SELECT t.x, u.* FROM everything CROSS JOIN UNNEST(a, m) WITH ORDINALITY AS t(x, k, v, n) LEFT JOIN UNNEST(aa) AS u(z) ON TRUE
