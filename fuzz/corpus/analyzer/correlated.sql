SELECT n_name FROM nation n WHERE EXISTS (SELECT 1 FROM orders WHERE o_orderkey = n.n_nationkey) AND n_nationkey > ALL (SELECT o_custkey FROM orders)
