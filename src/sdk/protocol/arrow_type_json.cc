#include <array>
#include <limits>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "sdk/protocol/arrow_type_json_internal.h"
#include "types/arrow_status.h"

namespace pallas::sdk::protocol {
namespace {

enum class Shape {
  kPlain,
  kInt,
  kFloatingPoint,
  kDecimal,
  kDate,
  kTime,
  kTimestamp,
  kInterval,
  kMap,
  kFixedSizeBinary,
  kFixedSizeList,
};

struct Name {
  Shape shape;
  arrow::Type::type id;  // kPlain
  std::string_view since2;
  std::string_view in1;
};

constexpr Name kNames[] = {
    {Shape::kPlain, arrow::Type::NA, "Null", "null"},
    {Shape::kPlain, arrow::Type::STRUCT, "Struct", "struct"},
    {Shape::kPlain, arrow::Type::LIST, "List", "list"},
    {Shape::kPlain, arrow::Type::STRING, "Utf8", "utf8"},
    {Shape::kPlain, arrow::Type::BINARY, "Binary", "binary"},
    {Shape::kPlain, arrow::Type::BOOL, "Bool", "bool"},
    {Shape::kMap, arrow::Type::MAP, "Map", "map"},
    {Shape::kInt, arrow::Type::NA, "Int", "int"},
    {Shape::kFloatingPoint, arrow::Type::NA, "FloatingPoint", "floatingpoint"},
    {Shape::kDecimal, arrow::Type::NA, "Decimal", "decimal"},
    {Shape::kDate, arrow::Type::NA, "Date", "date"},
    {Shape::kTime, arrow::Type::NA, "Time", "time"},
    {Shape::kTimestamp, arrow::Type::NA, "Timestamp", "timestamp"},
    {Shape::kInterval, arrow::Type::NA, "Interval", "interval"},
    {Shape::kFixedSizeBinary, arrow::Type::NA, "FixedSizeBinary", "fixedsizebinary"},
    {Shape::kFixedSizeList, arrow::Type::NA, "FixedSizeList", "fixedsizelist"},
};

constexpr std::array<std::string_view, 4> kTimeUnits = {"SECOND", "MILLISECOND", "MICROSECOND",
                                                        "NANOSECOND"};

std::string_view UnitName(arrow::TimeUnit::type unit) {
  return kTimeUnits[static_cast<size_t>(unit)];
}

// Writes the name and what belongs to it.
class TypeWriter {
 public:
  TypeWriter(Version version, JsonWriter& out) : v1_(version == Version::kV1), out_(out) {}

  void Begin(Shape shape, arrow::Type::type id = arrow::Type::NA) {
    for (const Name& name : kNames) {
      if (name.shape == shape && (shape != Shape::kPlain || name.id == id)) {
        out_.BeginObject();
        out_.Field(v1_ ? "name" : "@type", v1_ ? name.in1 : name.since2);
        return;
      }
    }
  }

  void Int(const arrow::DataType& type) {
    Begin(Shape::kInt);
    out_.NumberField("bitWidth", type.bit_width());
    out_.BoolField("isSigned", arrow::is_signed_integer(type.id()));
  }

  void Float(std::string_view precision) {
    Begin(Shape::kFloatingPoint);
    out_.Field("precision", precision);
  }

  void Decimal(const arrow::Decimal128Type& type) {
    Begin(Shape::kDecimal);
    out_.NumberField("precision", type.precision());
    out_.NumberField("scale", type.scale());
    if (v1_) {
      out_.NumberField("bitWidth", type.bit_width());
    }
  }

  void Unit(Shape shape, std::string_view unit) {
    Begin(shape);
    out_.Field("unit", unit);
  }

  void Time(const arrow::TimeType& type) {
    Unit(Shape::kTime, UnitName(type.unit()));
    out_.NumberField("bitWidth", type.bit_width());
  }

  void Timestamp(const arrow::TimestampType& type) {
    Unit(Shape::kTimestamp, UnitName(type.unit()));
    if (type.timezone().empty()) {
      out_.NullField("timezone");
    } else {
      out_.Field("timezone", type.timezone());
    }
  }

  void Map(const arrow::MapType& type) {
    Begin(Shape::kMap);
    if (v1_) {
      out_.BoolField("keysSorted", type.keys_sorted());
    }
  }

  // False: the protocol has no form for the type.
  bool Write(const arrow::DataType& type);

 private:
  bool v1_;
  JsonWriter& out_;
};

bool TypeWriter::Write(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA:
    case arrow::Type::STRUCT:
    case arrow::Type::LIST:
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::BOOL:
      Begin(Shape::kPlain, type.id());
      return true;
    case arrow::Type::MAP:
      Map(static_cast<const arrow::MapType&>(type));
      return true;
    case arrow::Type::HALF_FLOAT:
      Float("HALF");
      return true;
    case arrow::Type::FLOAT:
      Float("SINGLE");
      return true;
    case arrow::Type::DOUBLE:
      Float("DOUBLE");
      return true;
    case arrow::Type::DECIMAL128:
      Decimal(static_cast<const arrow::Decimal128Type&>(type));
      return true;
    case arrow::Type::DATE32:
      Unit(Shape::kDate, "DAY");
      return true;
    case arrow::Type::DATE64:
      Unit(Shape::kDate, "MILLISECOND");
      return true;
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      Time(static_cast<const arrow::TimeType&>(type));
      return true;
    case arrow::Type::TIMESTAMP:
      Timestamp(static_cast<const arrow::TimestampType&>(type));
      return true;
    case arrow::Type::INTERVAL_MONTHS:
      Unit(Shape::kInterval, "YEAR_MONTH");
      return true;
    case arrow::Type::INTERVAL_DAY_TIME:
      Unit(Shape::kInterval, "DAY_TIME");
      return true;
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      Unit(Shape::kInterval, "MONTH_DAY_NANO");
      return true;
    case arrow::Type::FIXED_SIZE_BINARY:
      Begin(Shape::kFixedSizeBinary);
      out_.NumberField("byteWidth",
                       static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width());
      return true;
    case arrow::Type::FIXED_SIZE_LIST:
      Begin(Shape::kFixedSizeList);
      out_.NumberField("listSize", static_cast<const arrow::FixedSizeListType&>(type).list_size());
      return true;
    default:
      if (arrow::is_integer(type.id())) {
        Int(type);
        return true;
      }
      return false;
  }
}

std::shared_ptr<arrow::DataType> Plain(arrow::Type::type id) {
  switch (id) {
    case arrow::Type::STRUCT:
      return arrow::struct_({});
    case arrow::Type::LIST:
      return arrow::list(arrow::null());
    case arrow::Type::STRING:
      return arrow::utf8();
    case arrow::Type::BINARY:
      return arrow::binary();
    case arrow::Type::BOOL:
      return arrow::boolean();
    default:
      return arrow::null();
  }
}

std::shared_ptr<arrow::DataType> ReadInt(ObjectReader& in) {
  const int64_t width = in.Int("bitWidth");
  const bool is_signed = in.Bool("isSigned");
  switch (width) {
    case 8:
      return is_signed ? arrow::int8() : arrow::uint8();
    case 16:
      return is_signed ? arrow::int16() : arrow::uint16();
    case 32:
      return is_signed ? arrow::int32() : arrow::uint32();
    case 64:
      return is_signed ? arrow::int64() : arrow::uint64();
    default:
      in.Fail("bitWidth", "8, 16, 32 or 64 is expected");
      return nullptr;
  }
}

std::shared_ptr<arrow::DataType> ReadFloatingPoint(ObjectReader& in) {
  const std::string precision = in.Text("precision");
  if (precision == "DOUBLE") {
    return arrow::float64();
  }
  if (precision == "SINGLE") {
    return arrow::float32();
  }
  if (precision == "HALF") {
    return arrow::float16();
  }
  in.Fail("precision", "HALF, SINGLE or DOUBLE is expected");
  return nullptr;
}

// A size that fits Arrow's 32 bits.
int32_t ReadSize(ObjectReader& in, std::string_view name) {
  const int64_t size = in.Int(name);
  if (size < 0 || size > std::numeric_limits<int32_t>::max()) {
    in.Fail(name, "a size is expected");
    return 0;
  }
  return static_cast<int32_t>(size);
}

std::shared_ptr<arrow::DataType> ReadDecimal(ObjectReader& in) {
  const int32_t precision = ReadSize(in, "precision");
  const int64_t scale = in.Int("scale");
  bool has_width = false;
  const std::optional<ObjectReader::Element> width = in.Optional("bitWidth", &has_width);
  if (width && IntOf(in.state(), "bitWidth", *width) != 128) {
    in.Fail("bitWidth", "decimals of 128 bits are expected");
  }
  if (in.ok() && (precision < 1 || precision > arrow::Decimal128Type::kMaxPrecision ||
                  scale < -arrow::Decimal128Type::kMaxPrecision ||
                  scale > arrow::Decimal128Type::kMaxPrecision)) {
    in.Fail("precision", absl::StrCat("there is no decimal(", precision, ", ", scale, ")"));
  }
  return in.ok() ? arrow::decimal128(precision, static_cast<int32_t>(scale)) : nullptr;
}

std::shared_ptr<arrow::DataType> ReadDate(ObjectReader& in) {
  const std::string unit = in.Text("unit");
  if (unit != "DAY" && unit != "MILLISECOND") {
    in.Fail("unit", "DAY or MILLISECOND is expected");
  }
  return unit == "DAY" ? arrow::date32() : arrow::date64();
}

arrow::TimeUnit::type ReadTimeUnit(ObjectReader& in) {
  const std::string name = in.Text("unit");
  for (size_t i = 0; i < kTimeUnits.size(); ++i) {
    if (kTimeUnits[i] == name) {
      return static_cast<arrow::TimeUnit::type>(i);
    }
  }
  in.Fail("unit", "SECOND, MILLISECOND, MICROSECOND or NANOSECOND is expected");
  return arrow::TimeUnit::SECOND;
}

std::shared_ptr<arrow::DataType> ReadTime(ObjectReader& in) {
  const arrow::TimeUnit::type unit = ReadTimeUnit(in);
  const bool narrow = unit == arrow::TimeUnit::SECOND || unit == arrow::TimeUnit::MILLI;
  if (in.Int("bitWidth") != (narrow ? 32 : 64)) {
    in.Fail("bitWidth", "it does not fit the unit");
  }
  return narrow ? arrow::time32(unit) : arrow::time64(unit);
}

std::shared_ptr<arrow::DataType> ReadTimestamp(ObjectReader& in) {
  const arrow::TimeUnit::type unit = ReadTimeUnit(in);
  return arrow::timestamp(unit, in.NullableText("timezone").value_or(""));
}

std::shared_ptr<arrow::DataType> ReadInterval(ObjectReader& in) {
  const std::string unit = in.Text("unit");
  if (unit == "YEAR_MONTH") {
    return arrow::month_interval();
  }
  if (unit == "DAY_TIME") {
    return arrow::day_time_interval();
  }
  if (unit == "MONTH_DAY_NANO") {
    return arrow::month_day_nano_interval();
  }
  in.Fail("unit", "YEAR_MONTH, DAY_TIME or MONTH_DAY_NANO is expected");
  return nullptr;
}

std::shared_ptr<arrow::DataType> ReadMap(ObjectReader& in) {
  bool present = false;
  in.Optional("keysSorted", &present);
  return arrow::map(arrow::null(), arrow::null());
}

std::shared_ptr<arrow::DataType> ReadShape(const Name& name, ObjectReader& in) {
  switch (name.shape) {
    case Shape::kPlain:
      return Plain(name.id);
    case Shape::kInt:
      return ReadInt(in);
    case Shape::kFloatingPoint:
      return ReadFloatingPoint(in);
    case Shape::kDecimal:
      return ReadDecimal(in);
    case Shape::kDate:
      return ReadDate(in);
    case Shape::kTime:
      return ReadTime(in);
    case Shape::kTimestamp:
      return ReadTimestamp(in);
    case Shape::kInterval:
      return ReadInterval(in);
    case Shape::kMap:
      return ReadMap(in);
    case Shape::kFixedSizeBinary:
      return arrow::fixed_size_binary(ReadSize(in, "byteWidth"));
    case Shape::kFixedSizeList:
      return arrow::fixed_size_list(arrow::null(), ReadSize(in, "listSize"));
  }
  return nullptr;
}

}  // namespace

absl::Status WriteArrowType(const arrow::DataType& type, Version version, JsonWriter& out) {
  if (!TypeWriter(version, out).Write(type)) {
    return absl::UnimplementedError(
        absl::StrCat("the connector protocol has no form for the Arrow type ", type.ToString()));
  }
  out.EndObject();
  return absl::OkStatus();
}

std::shared_ptr<arrow::DataType> ReadArrowType(ObjectReader& in, std::string_view field) {
  ObjectReader object = in.Object(field);
  const bool v1 = in.state().version == Version::kV1;
  const std::string text = object.Text(v1 ? "name" : "@type");
  for (const Name& name : kNames) {
    if (text == (v1 ? name.in1 : name.since2)) {
      std::shared_ptr<arrow::DataType> type = ReadShape(name, object);
      object.End();
      return in.ok() ? type : nullptr;
    }
  }
  in.Fail(field, absl::StrCat("there is no Arrow type ", text));
  return nullptr;
}

}  // namespace pallas::sdk::protocol
