SELECT i, s, grouping(i, s), sum(x) FILTER (WHERE o) FROM everything GROUP BY GROUPING SETS ((i, s), (i), ()) HAVING count(*) > 1 ORDER BY 1 NULLS FIRST LIMIT 3
