#ifndef PALLAS_LAKE_TEXT_OPTIONS_H_
#define PALLAS_LAKE_TEXT_OPTIONS_H_

#include "federation/source.h"

namespace pallas::lake {

// How text files of the lake are read.
struct TextOptions {
  federation::InvalidUtf8 invalid_utf8 = federation::InvalidUtf8::kError;
  // Ranges of files that one query reads at once from one table.
  int max_concurrency = 8;
};

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_OPTIONS_H_
