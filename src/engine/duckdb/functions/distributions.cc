#include "sql/runtime/distributions.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/scalar_loops.h"

// Distribution functions.

namespace pallas::engine {

void AddDistributions(AdapterTable& table) {
  table.Scalar("normal_cdf(double,double,double)", Rows<double, double, double>(sql::NormalCdf));
  table.Scalar("inverse_normal_cdf(double,double,double)",
               Rows<double, double, double>(sql::InverseNormalCdf));
  table.Scalar("beta_cdf(double,double,double)", Rows<double, double, double>(sql::BetaCdf));
  table.Scalar("inverse_beta_cdf(double,double,double)",
               Rows<double, double, double>(sql::InverseBetaCdf));
  table.Scalar("t_cdf(double,double)", Rows<double, double>(sql::StudentCdf));
  table.Scalar("t_pdf(double,double)", Rows<double, double>(sql::StudentPdf));
  table.Scalar("wilson_interval_lower(bigint,bigint,double)",
               Rows<int64_t, int64_t, double>([](int64_t successes, int64_t trials, double z) {
                 return sql::WilsonInterval(sql::IntervalEnd::kLower, successes, trials, z);
               }));
  table.Scalar("wilson_interval_upper(bigint,bigint,double)",
               Rows<int64_t, int64_t, double>([](int64_t successes, int64_t trials, double z) {
                 return sql::WilsonInterval(sql::IntervalEnd::kUpper, successes, trials, z);
               }));
}

}  // namespace pallas::engine
