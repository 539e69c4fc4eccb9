#ifndef PALLAS_STORAGE_FILE_DESCRIPTOR_H_
#define PALLAS_STORAGE_FILE_DESCRIPTOR_H_

#include <utility>

#include <unistd.h>

namespace pallas::storage {

// Owns an open file descriptor, or none (-1).
class FileDescriptor {
 public:
  FileDescriptor() = default;

  explicit FileDescriptor(int number) : number_(number) {}

  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  ~FileDescriptor() { Close(); }

  bool is_open() const { return number_ >= 0; }

  int number() const { return number_; }

  void Close() {
    if (is_open()) {
      close(std::exchange(number_, -1));
    }
  }

 private:
  int number_ = -1;
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_FILE_DESCRIPTOR_H_
