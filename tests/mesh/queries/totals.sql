SELECT n_name AS nation,
       CAST(sum(l_extendedprice * (1 - l_discount) - CAST(ps_supplycost AS double) * l_quantity) AS decimal(18, 2)) AS total
FROM lineitem, part, partsupp, supplier, orders, nation
WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
  AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey
GROUP BY n_name ORDER BY nation
