SELECT w.g.k[1], w[1], ROW(i, s).*, CAST(ROW(1, 'a') AS ROW(p bigint, q varchar)).p FROM everything
