SELECT TRY_CAST(s AS decimal(10,2)) + x, CAST(ts AS timestamp(3) with time zone) AT TIME ZONE 'Asia/Tokyo', CAST(m AS json) FROM everything
