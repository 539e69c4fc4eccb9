#ifndef PALLAS_CLI_DEMO_MESH_H_
#define PALLAS_CLI_DEMO_MESH_H_

#include <string_view>

namespace pallas::cli {

// The demo's names and statements: one SELECT over four kinds of sources, a view of it, and what
// the view is for.

inline constexpr char kLakeDatabase[] = "data_lake";
inline constexpr char kLineitemLocation[] = "s3://data-lake/lineitem/";
inline constexpr char kSalesDatabase[] = "sales";  // in MariaDB
// In MariaDB; lineitem lies in the lake, nation and active_orders in Redis, the others in DynamoDB.
inline constexpr std::string_view kMariaDbTables[] = {"orders", "customer", "supplier"};
inline constexpr std::string_view kDynamoDbTables[] = {"part", "partsupp"};

// Profit by order line: lake, MariaDB, Redis and DynamoDB in one statement.
inline constexpr char kMeshQuery[] =
    R"(SELECT n_name AS nation, year(CAST(o_orderdate AS date)) AS o_year,
       l_extendedprice * (1 - l_discount) - CAST(ps_supplycost AS double) * l_quantity AS amount
FROM awsdatacatalog.data_lake.lineitem, dynamo.default.part, dynamo.default.partsupp,
     mysql.sales.supplier, mysql.sales.orders, redis.redis.nation
WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
  AND o_orderkey = l_orderkey AND s_nationkey = CAST(regexp_extract(_key_, '.*-(.*)', 1) AS int))";

// The rows of it that the demo shows.
inline constexpr char kMeshQueryOrder[] = "\nORDER BY amount DESC\nLIMIT 5";

// Put before kMeshQuery.
inline constexpr char kCreateView[] = "CREATE OR REPLACE VIEW data_lake.federated_view AS\n";

inline constexpr char kTotalsQuery[] =
    R"(SELECT nation, CAST(sum(amount) AS decimal(18, 2)) AS total
FROM federated_view GROUP BY nation ORDER BY nation)";

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_MESH_H_
