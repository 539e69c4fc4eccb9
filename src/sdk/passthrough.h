#ifndef PALLAS_SDK_PASSTHROUGH_H_
#define PALLAS_SDK_PASSTHROUGH_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table.h"
#include "sdk/request_context.h"

// Queries in a source's own language, untouched (protocol section 15).

namespace pallas::sdk {

// A table function of a source: what `TABLE(catalog.schema.name(QUERY => '...'))` calls.
struct PassthroughFunction {
  std::string schema = "system";
  std::string name = "query";
  std::vector<std::string> arguments;  // upper case, in order
  // How many of them, the first ones, must be there and not empty.
  size_t required_arguments = 1;

  // "SYSTEM.QUERY", as the protocol names it.
  std::string Signature() const;
};

// The values of the arguments by name. On the wire, and in tables, with kPassthroughFunctionKey.
using PassthroughArguments = std::map<std::string, std::string>;

// Among the arguments: the signature of the function that is called.
inline constexpr char kPassthroughFunctionKey[] = "schemaFunctionName";

// An optional power of connectors (sdk/connector.h), found by dynamic_cast.
class QueryPassthrough {
 public:
  virtual ~QueryPassthrough() = default;

  // None where the owner of the source has switched it off.
  virtual std::vector<PassthroughFunction> PassthroughFunctions() const = 0;

  // The result of a query as a table, which
  // PlanPushdown, PlanPartitions, PlanSplits and Read then take as any other: one partition, one
  // split, no pushdown but of columns. All names of `arguments` are known, the required ones are
  // there. The caller puts the arguments into the table (SetPassthrough), where later calls find
  // them. INVALID_ARGUMENT for a query that the source refuses, with what the source says.
  virtual absl::StatusOr<Table> DescribeQuery(const RequestContext& context,
                                              const PassthroughFunction& function,
                                              const PassthroughArguments& arguments) = 0;
};

// The arguments that `table` is the result of; empty: it is an ordinary table. They lie in the
// metadata of its schema.
PassthroughArguments PassthroughOf(const Table& table);

// Puts them there. REQUIRES: the table has a schema.
void SetPassthrough(const PassthroughArguments& arguments, Table* table);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_PASSTHROUGH_H_
