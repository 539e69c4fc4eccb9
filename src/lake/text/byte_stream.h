#ifndef PALLAS_LAKE_TEXT_BYTE_STREAM_H_
#define PALLAS_LAKE_TEXT_BYTE_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

#include "storage/object_store.h"

namespace pallas::lake {

// Bytes in order. One thread.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Puts up to `capacity` of the next bytes at `out`; how many, 0 only at the end. Blocks on the
  // store. After an error it must not be called again. REQUIRES: capacity > 0.
  virtual absl::StatusOr<int64_t> Read(char* out, int64_t capacity) = 0;

  // Of the store's bytes, how many were read so far. Any thread.
  virtual int64_t bytes_read() const = 0;
};

enum class Compression { kNone, kGzip, kDeflate, kZstd, kBzip2, kSnappy, kLz4 };

// What the suffix of a file's name says, as Hadoop has it: .gz, .deflate, .zst, .bz2, .snappy,
// .lz4. NOT_SUPPORTED for suffixes of codecs that cannot be read (.lzo, .xz, .zip, .br, ...), whose
// bytes would be taken for text.
absl::StatusOr<Compression> CompressionOf(std::string_view uri);

std::string_view CompressionName(Compression compression);

// The object's bytes from `offset` on.
std::unique_ptr<ByteStream> MakeObjectStream(std::shared_ptr<storage::ObjectReader> object,
                                             int64_t offset);

// What `compressed` holds. Its end inside of a compressed part, and what does not decompress, is
// HIVE_BAD_DATA. gzip and bzip2 files of several parts, one after the other, count as one. Snappy
// is what Hadoop writes (blocks of chunks, each with its length) or the framing format of Snappy,
// LZ4 Hadoop's or the frame format; the first bytes tell.
absl::StatusOr<std::unique_ptr<ByteStream>> MakeDecompressingStream(
    std::unique_ptr<ByteStream> compressed, Compression compression);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_BYTE_STREAM_H_
