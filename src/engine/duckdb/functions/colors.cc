#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "sql/runtime/color.h"
#include "types/value_text.h"

// Functions on colors, whose physical form is their text.

namespace pallas::engine {

using std::string_view;

void AddColors(AdapterTable& table) {
  table.Scalar("color(varchar(x))", Rows<string_view>(sql::ParseColor));
  table.Scalar("color(double,color,color)", Rows<double, string_view, string_view>(sql::MixColors));
  table.Scalar("color(double,double,double,color,color)",
               Rows<double, double, double, string_view, string_view>(
                   [](double value, double low, double high, string_view first, string_view last) {
                     return sql::MixColors((value - low) / (high - low), first, last);
                   }));
  table.Scalar("rgb(bigint,bigint,bigint)", Rows<int64_t, int64_t, int64_t>(sql::RgbColor));
  table.Scalar("render(boolean)", Rows<bool>([](bool value) {
                 return value ? sql::InColor("\u2713", "green") : sql::InColor("\u2717", "red");
               }));
  table.Scalar("render(bigint,color)",
               Rows<int64_t, string_view>([](int64_t value, string_view color) {
                 return sql::InColor(absl::StrCat(value), color);
               }));
  table.Scalar("render(double,color)",
               Rows<double, string_view>([](double value, string_view color) {
                 std::string text;
                 AppendJavaDouble(value, &text);
                 return sql::InColor(text, color);
               }));
  table.Scalar("render(varchar(x),color)", Rows<string_view, string_view>(sql::InColor));
  table.Scalar("bar(double,bigint)", Rows<double, int64_t>([](double share, int64_t width) {
                 return sql::ColorBar(share, width, "#ff0000", "#00ff00");
               }));
  table.Scalar("bar(double,bigint,color,color)",
               Rows<double, int64_t, string_view, string_view>(sql::ColorBar));
}

}  // namespace pallas::engine
