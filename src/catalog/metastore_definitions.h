#ifndef PALLAS_CATALOG_METASTORE_DEFINITIONS_H_
#define PALLAS_CATALOG_METASTORE_DEFINITIONS_H_

#include <memory>

#include "sdk/metadata/table_definitions.h"

namespace pallas::catalog {

class Metastore;

// The metastore as connectors see it: the Glue Data Catalog of this process (decision D2). Borrows
// `metastore`, which outlives it.
std::unique_ptr<sdk::TableDefinitions> MakeTableDefinitions(Metastore& metastore);

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_METASTORE_DEFINITIONS_H_
