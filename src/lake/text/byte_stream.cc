#include "lake/text/byte_stream.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/util/compression.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::lake {
namespace {

constexpr int64_t kCompressedBufferBytes = int64_t{256} * 1024;
// Hadoop's codecs write blocks of 256 KiB; others make larger ones. What claims more is broken.
constexpr uint32_t kMaxBlockBytes = uint32_t{64} * 1024 * 1024;
constexpr size_t kBlockHeaderBytes = 4;
constexpr uint32_t kLz4FrameMagic = 0x184D2204;
constexpr std::string_view kSnappyFrameStart("\xff\x06\x00\x00sNaPpY", 10);
// The framing format of Snappy.
constexpr uint8_t kSnappyCompressed = 0x00;
constexpr uint8_t kSnappyPlain = 0x01;
constexpr uint8_t kFirstSkippableChunk = 0x80;
constexpr uint32_t kMaxSnappyFrameBytes = 65536;
constexpr size_t kChecksumBytes = 4;

absl::Status BadData(Compression compression, std::string_view what) {
  return NamedError("HIVE_BAD_DATA",
                    absl::StrCat("the ", CompressionName(compression), " data ", what),
                    absl::StatusCode::kDataLoss);
}

class ObjectStream final : public ByteStream {
 public:
  ObjectStream(std::shared_ptr<storage::ObjectReader> object, int64_t offset)
      : object_(std::move(object)), start_(offset), offset_(offset) {}

  absl::StatusOr<int64_t> Read(char* out, int64_t capacity) override {
    const int64_t offset = offset_.load(std::memory_order_relaxed);
    const int64_t length = std::min(capacity, object_->info().size - offset);
    if (length <= 0) {
      return 0;
    }
    RETURN_IF_ERROR(object_->Read(offset, length, out));
    offset_.store(offset + length, std::memory_order_relaxed);
    return length;
  }

  int64_t bytes_read() const override { return offset_.load(std::memory_order_relaxed) - start_; }

 private:
  std::shared_ptr<storage::ObjectReader> object_;
  const int64_t start_;
  std::atomic<int64_t> offset_;
};

// A window on compressed bytes.
class CompressedInput {
 public:
  explicit CompressedInput(std::unique_ptr<ByteStream> stream)
      : stream_(std::move(stream)), buffer_(static_cast<size_t>(kCompressedBufferBytes)) {}

  const char* data() const { return buffer_.data() + begin_; }

  size_t size() const { return end_ - begin_; }

  void Skip(size_t bytes) { begin_ += bytes; }

  // Reads until `bytes` are there; false if the stream ends before. More than the buffer has is
  // made room for.
  absl::StatusOr<bool> Want(size_t bytes) {
    if (size() >= bytes) {
      return true;
    }
    std::memmove(buffer_.data(), data(), size());
    end_ = size();
    begin_ = 0;
    if (buffer_.size() < bytes) {
      buffer_.resize(bytes);
    }
    while (end_ < bytes) {
      ASSIGN_OR_RETURN(
          const int64_t more,
          stream_->Read(buffer_.data() + end_, static_cast<int64_t>(buffer_.size() - end_)));
      if (more == 0) {
        return false;
      }
      end_ += static_cast<size_t>(more);
    }
    return true;
  }

  int64_t bytes_read() const { return stream_->bytes_read(); }

 private:
  std::unique_ptr<ByteStream> stream_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

class CodecStream final : public ByteStream {
 public:
  CodecStream(std::unique_ptr<ByteStream> stream, Compression compression,
              std::unique_ptr<arrow::util::Codec> codec,
              std::shared_ptr<arrow::util::Decompressor> decompressor)
      : input_(std::move(stream)),
        compression_(compression),
        codec_(std::move(codec)),
        decompressor_(std::move(decompressor)) {}

  absl::StatusOr<int64_t> Read(char* out, int64_t capacity) override {
    int64_t written = 0;
    while (written == 0) {
      ASSIGN_OR_RETURN(const bool more, input_.Want(1));
      if (!more && decompressor_->IsFinished()) {
        return 0;
      }
      if (!more && !buffered_output_) {
        if (!started_) {
          return 0;  // not one byte: no part at all
        }
        return BadData(compression_, "ends too early: the file is truncated");
      }
      if (more && decompressor_->IsFinished()) {
        RETURN_IF_ERROR(decompressor_->Reset());
      }
      auto result = decompressor_->Decompress(static_cast<int64_t>(input_.size()),
                                              reinterpret_cast<const uint8_t*>(input_.data()),
                                              capacity, reinterpret_cast<uint8_t*>(out));
      if (!result.ok()) {
        return BadData(compression_,
                       absl::StrCat("is broken after ",
                                    input_.bytes_read() - static_cast<int64_t>(input_.size()),
                                    " bytes: ", result.status().message()));
      }
      started_ = true;
      input_.Skip(static_cast<size_t>(result->bytes_read));
      written = result->bytes_written;
      buffered_output_ = result->need_more_output || written == capacity;
      if (result->bytes_read == 0 && written == 0) {
        // It wants more input than it was shown.
        ASSIGN_OR_RETURN(const bool grew, input_.Want(input_.size() + 1));
        if (!grew) {
          return BadData(compression_, "ends too early: the file is truncated");
        }
      }
    }
    return written;
  }

  int64_t bytes_read() const override { return input_.bytes_read(); }

 private:
  CompressedInput input_;
  const Compression compression_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::shared_ptr<arrow::util::Decompressor> decompressor_;
  bool started_ = false;
  // The decompressor may hold bytes for which there was no room.
  bool buffered_output_ = false;
};

uint32_t BigEndian(const char* bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < kBlockHeaderBytes; ++i) {
    value = value << 8U | static_cast<uint8_t>(bytes[i]);
  }
  return value;
}

uint32_t LittleEndian(const char* bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i > 0; --i) {
    value = value << 8U | static_cast<uint8_t>(bytes[i - 1]);
  }
  return value;
}

// Streams of whole decompressed blocks.
class BlockStream : public ByteStream {
 public:
  BlockStream(std::unique_ptr<ByteStream> stream, Compression compression,
              std::unique_ptr<arrow::util::Codec> codec)
      : input_(std::move(stream)), compression_(compression), codec_(std::move(codec)) {}

  absl::StatusOr<int64_t> Read(char* out, int64_t capacity) final {
    while (position_ == block_.size()) {
      block_.clear();
      position_ = 0;
      ASSIGN_OR_RETURN(const bool more, NextBlock());
      if (!more) {
        return 0;
      }
    }
    const size_t length = std::min(block_.size() - position_, static_cast<size_t>(capacity));
    std::memcpy(out, block_.data() + position_, length);
    position_ += length;
    return static_cast<int64_t>(length);
  }

  int64_t bytes_read() const final { return input_.bytes_read(); }

 protected:
  // Fills `block_`, perhaps with nothing; false at the end.
  virtual absl::StatusOr<bool> NextBlock() = 0;

  absl::Status Truncated() const {
    return BadData(compression_, "ends too early: the file is truncated");
  }

  // Adds what the next `bytes` of the input decompress to, at most `most` bytes.
  absl::StatusOr<size_t> Append(size_t bytes, size_t most) {
    const size_t before = block_.size();
    block_.resize(before + most);
    const auto length = codec_->Decompress(
        static_cast<int64_t>(bytes), reinterpret_cast<const uint8_t*>(input_.data()),
        static_cast<int64_t>(most), reinterpret_cast<uint8_t*>(block_.data() + before));
    if (!length.ok()) {
      return BadData(compression_, absl::StrCat("is broken: ", length.status().message()));
    }
    block_.resize(before + static_cast<size_t>(*length));
    input_.Skip(bytes);
    return static_cast<size_t>(*length);
  }

  CompressedInput input_;
  const Compression compression_;
  std::unique_ptr<arrow::util::Codec> codec_;
  std::vector<char> block_;
  size_t position_ = 0;
};

// Hadoop's BlockCompressorStream: the length of a block as it was, then chunks, each with its
// compressed length, until they make up the block. Lengths are big-endian.
class HadoopStream final : public BlockStream {
 public:
  using BlockStream::BlockStream;

 protected:
  absl::StatusOr<bool> NextBlock() override {
    ASSIGN_OR_RETURN(const bool any, input_.Want(1));
    if (!any) {
      return false;
    }
    ASSIGN_OR_RETURN(const uint32_t length, Header());
    size_t rest = length;
    while (rest > 0) {
      ASSIGN_OR_RETURN(const uint32_t chunk, Header());
      ASSIGN_OR_RETURN(const bool whole, input_.Want(chunk));
      if (!whole) {
        return Truncated();
      }
      ASSIGN_OR_RETURN(const size_t got, Append(chunk, rest));
      if (got == 0) {
        return BadData(compression_, "is broken: a chunk of it is empty");
      }
      rest -= got;
    }
    return true;
  }

 private:
  absl::StatusOr<uint32_t> Header() {
    ASSIGN_OR_RETURN(const bool whole, input_.Want(kBlockHeaderBytes));
    if (!whole) {
      return Truncated();
    }
    const uint32_t value = BigEndian(input_.data());
    if (value > kMaxBlockBytes) {
      return BadData(compression_, absl::StrCat("is broken: a block claims ", value, " bytes"));
    }
    input_.Skip(kBlockHeaderBytes);
    return value;
  }
};

// The framing format of Snappy: chunks of a type, a length of three bytes and a checksum.
class SnappyFrameStream final : public BlockStream {
 public:
  using BlockStream::BlockStream;

 protected:
  absl::StatusOr<bool> NextBlock() override {
    ASSIGN_OR_RETURN(const bool any, input_.Want(1));
    if (!any) {
      return false;
    }
    ASSIGN_OR_RETURN(const bool header, input_.Want(kBlockHeaderBytes));
    if (!header) {
      return Truncated();
    }
    const auto type = static_cast<uint8_t>(input_.data()[0]);
    const uint32_t length = LittleEndian(input_.data() + 1, 3);
    input_.Skip(kBlockHeaderBytes);
    ASSIGN_OR_RETURN(const bool whole, input_.Want(length));
    if (!whole) {
      return Truncated();
    }
    if (type == kSnappyCompressed || type == kSnappyPlain) {
      RETURN_IF_ERROR(AddData(type, length));
    } else if (type >= kFirstSkippableChunk) {
      input_.Skip(length);  // the start of a stream, padding, or what is reserved for such
    } else {
      return BadData(compression_, absl::StrCat("has a chunk of the unknown type ", type));
    }
    return true;
  }

 private:
  absl::Status AddData(uint8_t type, uint32_t length) {
    if (length < kChecksumBytes) {
      return BadData(compression_, "is broken: a chunk has no checksum");
    }
    const uint32_t expected = LittleEndian(input_.data(), kChecksumBytes);
    input_.Skip(kChecksumBytes);
    const size_t bytes = length - kChecksumBytes;
    if (type == kSnappyPlain) {
      block_.insert(block_.end(), input_.data(), input_.data() + bytes);
      input_.Skip(bytes);
    } else {
      RETURN_IF_ERROR(Append(bytes, kMaxSnappyFrameBytes).status());
    }
    if (MaskedChecksum() != expected) {
      return BadData(compression_, "is broken: the checksum of a chunk is wrong");
    }
    return absl::OkStatus();
  }

  // CRC-32C of the block, turned as the format says.
  uint32_t MaskedChecksum() const {
    static constexpr std::array<uint32_t, 256> kTable = [] {
      constexpr uint32_t kPolynomial = 0x82F63B78;
      std::array<uint32_t, 256> table{};
      for (uint32_t i = 0; i < table.size(); ++i) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
          value = (value & 1U) != 0 ? value >> 1U ^ kPolynomial : value >> 1U;
        }
        table[i] = value;
      }
      return table;
    }();
    constexpr uint32_t kMask = 0xa282ead8;
    uint32_t crc = ~uint32_t{0};
    for (const char c : block_) {
      crc = crc >> 8U ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xFFU];
    }
    crc = ~crc;
    return (crc >> 15U | crc << 17U) + kMask;
  }
};

absl::StatusOr<std::unique_ptr<arrow::util::Codec>> MakeCodec(arrow::Compression::type type) {
  auto codec = arrow::util::Codec::Create(type);
  RETURN_IF_ERROR(codec);
  return *std::move(codec);
}

// The stream with its first bytes given back.
class PeekedStream final : public ByteStream {
 public:
  PeekedStream(std::string start, std::unique_ptr<ByteStream> rest)
      : start_(std::move(start)), rest_(std::move(rest)) {}

  absl::StatusOr<int64_t> Read(char* out, int64_t capacity) override {
    if (position_ == start_.size()) {
      return rest_->Read(out, capacity);
    }
    const size_t length = std::min(start_.size() - position_, static_cast<size_t>(capacity));
    std::memcpy(out, start_.data() + position_, length);
    position_ += length;
    return static_cast<int64_t>(length);
  }

  int64_t bytes_read() const override { return rest_->bytes_read(); }

 private:
  const std::string start_;
  std::unique_ptr<ByteStream> rest_;
  size_t position_ = 0;
};

absl::StatusOr<std::string> FirstBytes(ByteStream& stream, size_t count) {
  std::string bytes(count, '\0');
  size_t size = 0;
  while (size < count) {
    ASSIGN_OR_RETURN(const int64_t more,
                     stream.Read(bytes.data() + size, static_cast<int64_t>(count - size)));
    if (more == 0) {
      break;
    }
    size += static_cast<size_t>(more);
  }
  bytes.resize(size);
  return bytes;
}

absl::StatusOr<std::unique_ptr<ByteStream>> MakeCodecStream(std::unique_ptr<ByteStream> stream,
                                                            Compression compression,
                                                            arrow::Compression::type type) {
  ASSIGN_OR_RETURN(std::unique_ptr<arrow::util::Codec> codec, MakeCodec(type));
  auto decompressor = codec->MakeDecompressor();
  RETURN_IF_ERROR(decompressor);
  return std::make_unique<CodecStream>(std::move(stream), compression, std::move(codec),
                                       *std::move(decompressor));
}

}  // namespace

absl::StatusOr<Compression> CompressionOf(std::string_view uri) {
  const std::string_view name = uri.substr(uri.rfind('/') + 1);
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) {
    return Compression::kNone;
  }
  const std::string suffix = absl::AsciiStrToLower(name.substr(dot));
  constexpr std::array<std::pair<std::string_view, Compression>, 7> kSuffixes = {
      {{".gz", Compression::kGzip},
       {".deflate", Compression::kDeflate},
       {".zst", Compression::kZstd},
       {".bz2", Compression::kBzip2},
       {".snappy", Compression::kSnappy},
       {".lz4", Compression::kLz4},
       {".gzip", Compression::kGzip}}};
  for (const auto& [known, compression] : kSuffixes) {
    if (suffix == known) {
      return compression;
    }
  }
  for (const std::string_view unknown :
       {".lzo", ".lzo_deflate", ".xz", ".zip", ".br", ".7z", ".rar", ".z"}) {
    if (suffix == unknown) {
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("the compression of ", uri,
                                     " is not supported; text files may be compressed with gzip, "
                                     "zstd, bzip2, snappy, lz4 or deflate"),
                        absl::StatusCode::kUnimplemented);
    }
  }
  return Compression::kNone;
}

std::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "uncompressed";
    case Compression::kGzip:
      return "gzip";
    case Compression::kDeflate:
      return "deflate";
    case Compression::kZstd:
      return "zstd";
    case Compression::kBzip2:
      return "bzip2";
    case Compression::kSnappy:
      return "snappy";
    case Compression::kLz4:
      return "lz4";
  }
  return "";
}

std::unique_ptr<ByteStream> MakeObjectStream(std::shared_ptr<storage::ObjectReader> object,
                                             int64_t offset) {
  return std::make_unique<ObjectStream>(std::move(object), offset);
}

absl::StatusOr<std::unique_ptr<ByteStream>> MakeDecompressingStream(
    std::unique_ptr<ByteStream> compressed, Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return compressed;
    case Compression::kGzip:
      return MakeCodecStream(std::move(compressed), compression, arrow::Compression::GZIP);
    case Compression::kDeflate: {
      ASSIGN_OR_RETURN(std::unique_ptr<arrow::util::Codec> codec, [] {
        arrow::util::GZipCodecOptions options;
        options.gzip_format = arrow::util::GZipFormat::ZLIB;
        absl::StatusOr<std::unique_ptr<arrow::util::Codec>> made;
        auto created = arrow::util::Codec::Create(arrow::Compression::GZIP, options);
        if (created.ok()) {
          made = *std::move(created);
        } else {
          made = arrow::ToAbslStatus(created.status());
        }
        return made;
      }());
      auto decompressor = codec->MakeDecompressor();
      RETURN_IF_ERROR(decompressor);
      return std::make_unique<CodecStream>(std::move(compressed), compression, std::move(codec),
                                           *std::move(decompressor));
    }
    case Compression::kZstd:
      return MakeCodecStream(std::move(compressed), compression, arrow::Compression::ZSTD);
    case Compression::kBzip2:
      return MakeCodecStream(std::move(compressed), compression, arrow::Compression::BZ2);
    case Compression::kSnappy:
    case Compression::kLz4:
      break;
  }
  const bool snappy = compression == Compression::kSnappy;
  ASSIGN_OR_RETURN(std::string start, FirstBytes(*compressed, kSnappyFrameStart.size()));
  const bool framed = snappy ? start == kSnappyFrameStart
                             : start.size() >= kBlockHeaderBytes &&
                                   LittleEndian(start.data(), kBlockHeaderBytes) == kLz4FrameMagic;
  auto stream = std::make_unique<PeekedStream>(std::move(start), std::move(compressed));
  if (framed && !snappy) {
    return MakeCodecStream(std::move(stream), compression, arrow::Compression::LZ4_FRAME);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<arrow::util::Codec> codec,
                   MakeCodec(snappy ? arrow::Compression::SNAPPY : arrow::Compression::LZ4));
  if (framed) {
    return std::make_unique<SnappyFrameStream>(std::move(stream), compression, std::move(codec));
  }
  return std::make_unique<HadoopStream>(std::move(stream), compression, std::move(codec));
}

}  // namespace pallas::lake
