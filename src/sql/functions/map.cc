#include "sql/functions/registry_builder.h"

namespace pallas::sql {

void AddMapFunctions(RegistryBuilder& b) {
  b.Scalar("map()", "map(unknown,unknown)").Doc("An empty map");
  b.Scalar("map(array(K),array(V))", "map(K,V)")
      .Where("K:comparable, V")
      .Raises()
      .Doc("A map of those keys and values");
  b.Scalar("cardinality(map(k,v))", "bigint").Where("K, V").Doc("Number of entries");
  b.Scalar("element_at(map(K,V),K)", "V")
      .Where("K, V")
      .Doc("The value of that key; NULL without it");
  b.Scalar("map_keys(map(k,v))", "array(k)").Where("K, V").Doc("All keys");
  b.Scalar("map_values(map(k,v))", "array(v)").Where("K, V").Doc("All values");
  b.Scalar("map_entries(map(k,v))", "array(row(k,v))").Where("K, V").Doc("All entries as rows");
  b.Scalar("map_from_entries(array(row(k,v)))", "map(k,v)")
      .Where("K:comparable, V")
      .Raises()
      .Doc("A map of those entries");
  b.Scalar("multimap_from_entries(array(row(k,v)))", "map(k,array(v))")
      .Where("K:comparable, V")
      .Raises()
      .Doc("A map of all values of each key");
  b.Scalar("map_concat(map(K,V)...)", "map(K,V)")
      .ResultType([](std::span<const Type> arguments) {
        return SameOfTwoOrMore(arguments, "concatenation arguments to map_concat");
      })
      .Where("K, V")
      .Raises()
      .Doc("All entries; the last one of a key stays");
  b.Scalar("map_filter(map(K,V),function(K,V,boolean))", "map(K,V)")
      .Where("K, V")
      .Raises()
      .Doc("The entries for which the lambda is true");
  b.Scalar("map_zip_with(map(K,V1),map(K,V2),function(K,V1,V2,V3))", "map(K,V3)")
      .Where("K, V1, V2, V3")
      .Raises()
      .Doc("The lambda's value of both values of each key; NULL where a map lacks it");
  b.Scalar("cosine_similarity(map(varchar,double),map(varchar,double))", "double")
      .Doc("Cosine of the angle between sparse vectors");
  b.Scalar("transform_keys(map(K1,V),function(K1,V,K2))", "map(K2,V)")
      .Where("K1, K2, V")
      .Raises()
      .Doc("The same values under the lambda's keys");
  b.Scalar("transform_values(map(K,V1),function(K,V1,V2))", "map(K,V2)")
      .Where("K, V1, V2")
      .Raises()
      .Doc("The lambda's values under the same keys");
}

}  // namespace pallas::sql
