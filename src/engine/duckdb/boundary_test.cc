#include "engine/duckdb/boundary.h"

#include <stdexcept>

#include "absl/strings/cord.h"
#include "duckdb/common/exception.hpp"
#include "gtest/gtest.h"

#include "base/error_detail.h"

namespace pallas::engine {
namespace {

TEST(Boundary, ReturnsValues) {
  EXPECT_EQ(CallDuckDb([] { return 7; }).value(), 7);
  EXPECT_TRUE(CallDuckDb([] {}).ok());
}

TEST(Boundary, CarriesAStatusThroughUnchanged) {
  absl::Status status = ErrorAt({3, 14}, "DIVISION_BY_ZERO", "Division by \"zero\" \xc3\xa4",
                                absl::StatusCode::kUnavailable);
  status.SetPayload("other", absl::Cord(std::string("\0\x1f\xff\\", 4)));
  EXPECT_EQ(CallDuckDb([&] { ThrowIfError(status); }), status);
}

TEST(Boundary, NamesTheErrorOfAFunction) {
  const absl::Status status = CallDuckDb([] {
    throw duckdb::InvalidInputException({{"trino_error", "DIVISION_BY_ZERO"}}, "Division by zero");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ErrorName(status), "DIVISION_BY_ZERO");
  EXPECT_EQ(status.message(), "Division by zero");
}

TEST(Boundary, TakesTheLocationOfAFunctionsError) {
  const absl::Status status = CallDuckDb([] {
    throw duckdb::InvalidInputException(
        {{"trino_error", "INVALID_CAST_ARGUMENT"}, {"line", "2"}, {"column", "9"}}, "Cannot cast");
  });
  EXPECT_EQ(GetDetail(status)->location, (Location{2, 9}));
  EXPECT_EQ(status.message(), "line 2:9: Cannot cast");
}

TEST(Boundary, TellsExhaustedMemory) {
  const absl::Status status = CallDuckDb([] { throw duckdb::OutOfMemoryException("no more"); });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorName(status), "EXCEEDED_LOCAL_MEMORY_LIMIT");
}

TEST(Boundary, KnowsErrorsByTheirText) {
  const auto name_of = [](duckdb::ExceptionType type, const std::string& message) {
    return ErrorName(FromDuckDbError(duckdb::ErrorData(type, message)));
  };
  EXPECT_EQ(name_of(duckdb::ExceptionType::IO, "disk"), "GENERIC_EXTERNAL");
  EXPECT_EQ(name_of(duckdb::ExceptionType::INVALID_INPUT, "No magic bytes found at end of file"),
            "HIVE_BAD_DATA");
  EXPECT_EQ(name_of(duckdb::ExceptionType::INVALID_INPUT, "odd"), "GENERIC_INTERNAL_ERROR");
  EXPECT_EQ(name_of(duckdb::ExceptionType::BINDER, "Max expression depth limit of 1000 exceeded."),
            "STACK_OVERFLOW");
}

TEST(Boundary, EverythingElseIsInternal) {
  const absl::Status status = CallDuckDb([] { throw duckdb::BinderException("no such thing"); });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ErrorName(status), "GENERIC_INTERNAL_ERROR");
  EXPECT_EQ(CallDuckDb([] { throw std::runtime_error("odd"); }).code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(CallDuckDb([] { throw 1; }).code(), absl::StatusCode::kInternal);
}

TEST(Boundary, KnowsWhatBreaksAnInstance) {
  EXPECT_TRUE(BreaksInstance(CatchDuckDbError([] { throw duckdb::InternalException("bug"); })));
  EXPECT_TRUE(BreaksInstance(CatchDuckDbError([] { throw duckdb::FatalException("dead"); })));
  EXPECT_FALSE(BreaksInstance(CatchDuckDbError([] { throw duckdb::OutOfMemoryException("o"); })));
  EXPECT_TRUE(IsInterrupt(CatchDuckDbError([] { throw duckdb::InterruptException(); })));
}

}  // namespace
}  // namespace pallas::engine
