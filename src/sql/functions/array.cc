#include <string>

#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {

void AddArrayFunctions(RegistryBuilder& b) {
  b.Scalar("cardinality(array(e))", "bigint").Where("E").Doc("Number of elements");
  b.Scalar("element_at(array(e),bigint)", "e")
      .Where("E")
      .Raises()
      .Doc("The element at that place, from the end if negative; NULL beyond");
  b.Scalar("contains(array(t),t)", "boolean")
      .Where("T:comparable")
      .Raises()
      .Doc("Whether that element is there");
  b.Scalar("array_distinct(array(e))", "array(e)").Where("E:comparable").Doc("Each element once");
  b.Scalar("array_except(array(e),array(e))", "array(e)")
      .Where("E:comparable")
      .Doc("Elements of the first that the second lacks, each once");
  b.Scalar("array_intersect(array(e),array(e))", "array(e)")
      .Where("E:comparable")
      .Doc("Elements of both, each once");
  b.Scalar("array_union(array(e),array(e))", "array(e)")
      .Where("E:comparable")
      .Doc("Elements of either, each once");
  b.Scalar("array_join(array(e),varchar)", "varchar")
      .Where("E:castableTo(varchar)")
      .Raises()
      .Doc("Elements as text with a separator, NULLs left out");
  b.Scalar("array_join(array(e),varchar,varchar)", "varchar")
      .Where("E:castableTo(varchar)")
      .Raises()
      .Doc("Elements as text with a separator and a text for NULL");
  b.Scalar("array_max(array(t))", "t")
      .Where("T:orderable")
      .Raises()
      .Doc("Largest element; NULL if one is NULL");
  b.Scalar("array_min(array(t))", "t")
      .Where("T:orderable")
      .Raises()
      .Doc("Smallest element; NULL if one is NULL");
  b.Scalar("array_position(array(t),t)", "bigint")
      .Where("T:comparable")
      .Raises()
      .Doc("Place of the first such element, or 0");
  b.Scalar("array_remove(array(e),e)", "array(e)")
      .Where("E:comparable")
      .Raises()
      .Doc("Without such elements");
  b.Scalar("array_sort(array(e))", "array(e)")
      .Where("E:orderable")
      .Raises()
      .Doc("In ascending order, NULLs last");
  b.Scalar("array_sort(array(t),function(t,t,integer))", "array(t)")
      .Where("T")
      .Raises()
      .Doc("In the order of a comparator, which answers -1, 0 or 1");
  b.Scalar("arrays_overlap(array(e),array(e))", "boolean")
      .Where("E:comparable")
      .Doc("Whether they share an element");
  b.Scalar("array_histogram(array(t))", "map(t,bigint)")
      .Where("T:comparable")
      .Doc("How often each element is there");
  b.Scalar("combinations(array(t),integer)", "array(array(t))")
      .Where("T")
      .Raises()
      .Doc("All subgroups of that size");
  b.Scalar("contains_sequence(array(t),array(t))", "boolean")
      .Where("T:comparable")
      .Doc("Whether the second is a run of the first");
  b.Scalar("flatten(array(array(E)))", "array(E)").Where("E").Doc("The inner arrays, joined");
  b.Scalar("ngrams(array(t),integer)", "array(array(t))")
      .Where("T")
      .Raises()
      .Doc("All runs of that length");
  b.Scalar("repeat(t,bigint)", "array(t)")
      .Where("T")
      .CalledOnNull()
      .Raises()
      .Doc("So many times the same element");
  b.Scalar("reverse(array(e))", "array(e)").Where("E").Doc("In reverse order");
  b.Scalar("shuffle(array(e))", "array(e)").Where("E").NotDeterministic().Doc("In random order");
  b.Scalar("slice(array(e),bigint,bigint)", "array(e)")
      .Where("E")
      .Raises()
      .Doc("So many elements from that place");
  b.Scalar("trim_array(array(e),bigint)", "array(e)")
      .Where("E")
      .Raises()
      .Doc("Without so many last elements");
  b.Scalar("sequence(bigint,bigint)", "array(bigint)")
      .Raises()
      .Doc("The numbers from the first to the second");
  b.Scalar("sequence(bigint,bigint,bigint)", "array(bigint)")
      .Raises()
      .Doc("The numbers from the first to the second by that step");
  b.Scalar("sequence(date,date)", "array(date)")
      .Raises()
      .Doc("The days from the first to the second");
  for (std::string_view step : {"interval day to second", "interval year to month"}) {
    b.Scalar(absl::StrCat("sequence(date,date,", step, ")"), "array(date)")
        .Raises()
        .Doc("The dates from the first to the second by that step");
    b.Scalar(absl::StrCat("sequence(timestamp(p),timestamp(p),", step, ")"), "array(timestamp(p))")
        .Raises()
        .Doc("The timestamps from the first to the second by that step");
  }
  b.Scalar("zip(array(T1),array(T2))", "array(row(T1,T2))")
      .Where("T1, T2")
      .Doc("Rows of the elements at one place");
  b.Scalar("zip(array(T1),array(T2),array(T3))", "array(row(T1,T2,T3))")
      .Where("T1, T2, T3")
      .Doc("Rows of the elements at one place");
  b.Scalar("zip(array(T1),array(T2),array(T3),array(T4))", "array(row(T1,T2,T3,T4))")
      .Where("T1, T2, T3, T4")
      .Doc("Rows of the elements at one place");
  b.Scalar("zip(array(T1),array(T2),array(T3),array(T4),array(T5))", "array(row(T1,T2,T3,T4,T5))")
      .Where("T1, T2, T3, T4, T5")
      .Doc("Rows of the elements at one place");
  b.Scalar("cosine_similarity(array(double),array(double))", "double")
      .Raises()
      .Doc("Cosine of the angle between vectors");
  b.Scalar("cosine_distance(array(double),array(double))", "double")
      .Raises()
      .Doc("One less the cosine of the angle between vectors");
  b.Scalar("euclidean_distance(array(double),array(double))", "double")
      .Raises()
      .Doc("Distance between points");
  b.Scalar("dot_product(array(double),array(double))", "double")
      .Raises()
      .Doc("Sum of the products");
  b.Scalar("transform(array(T),function(T,U))", "array(U)")
      .Where("T, U")
      .Raises()
      .Doc("The lambda's value of each element");
  b.Scalar("filter(array(t),function(t,boolean))", "array(t)")
      .Where("T")
      .Raises()
      .Doc("The elements for which the lambda is true");
  for (std::string_view name : {"any_match", "all_match", "none_match"}) {
    b.Scalar(absl::StrCat(name, "(array(t),function(t,boolean))"), "boolean")
        .Where("T")
        .Raises()
        .Doc("For which elements the lambda is true");
  }
  b.Scalar("zip_with(array(T),array(U),function(T,U,R))", "array(R)")
      .Where("T, U, R")
      .Raises()
      .Doc("The lambda's value of the elements at one place");
  b.Scalar("reduce(array(T),S,function(S,T,S),function(S,R))", "R")
      .Where("T, S, R")
      .CalledOnNull()
      .Raises()
      .Doc("Folds the elements into one value");
}

}  // namespace pallas::sql
