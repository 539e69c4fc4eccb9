#include "cli/shell/line_editor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/shell/history.h"
#include "cli/shell/terminal_size.h"
#include "cli/terminal_text.h"
#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>
#include <utf8proc.h>

namespace pallas::cli {
namespace {

// So many candidates are shown; more are counted.
constexpr size_t kMaxShown = 200;
constexpr wchar_t kReplacementCharacter = 0xFFFD;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using EditLinePtr = std::unique_ptr<EditLine, Freed<el_end>>;
using HistoryPtr = std::unique_ptr<::History, Freed<history_end>>;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// How many bytes the UTF-8 sequence has that starts with `lead`; 1 if none does.
size_t SequenceLength(unsigned char lead) {
  return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

// The line of a terminal `columns` wide in which `text`, written from the column `start`, ends.
size_t LinesDown(std::string_view text, size_t start, size_t columns) {
  size_t lines = 0;
  size_t column = start;
  for (;;) {
    const size_t end = std::min(text.find('\n'), text.size());
    column += DisplayWidth(text.substr(0, end));
    lines += column / columns;
    if (end == text.size()) {
      return lines;
    }
    ++lines;
    column = 0;
    text.remove_prefix(end + 1);
  }
}

class LibeditEditor final : public LineEditor {
 public:
  explicit LibeditEditor(LineCompletion completion)
      : completion_(std::move(completion)),
        interrupts_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        signals_(MakeSignals()),
        history_(history_init()),
        editor_(el_init("pallas", stdin, stdout, stderr)) {}

  absl::Status Init() {
    if (interrupts_.get() < 0 || signals_.get() < 0 || !history_ || !editor_) {
      return absl::UnavailableError(absl::StrCat("cannot read lines from the terminal: ",
                                                 std::generic_category().message(errno)));
    }
    HistEvent event;
    history(history_.get(), &event, H_SETSIZE, static_cast<int>(History::kMaxEntries));
    EditLine* const editor = editor_.get();
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_PROMPT, &LibeditEditor::Prompt);
    el_set(editor, EL_GETCFN, &LibeditEditor::ReadCharacter);
    el_set(editor, EL_HIST, history, history_.get());
    el_set(editor, EL_EDITOR, "emacs");
    // Ctrl-C arrives as a character while a line is typed; while a query runs it is a signal.
    el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
    el_set(editor, EL_ADDFN, "pallas-complete", "Complete the word", &LibeditEditor::CompleteWord);
    el_set(editor, EL_ADDFN, "pallas-abandon", "Forget the line", &LibeditEditor::Abandon);
    el_set(editor, EL_ADDFN, "pallas-suspend", "Stop the process", &LibeditEditor::Suspend);
    BindKeys();
    el_source(editor, nullptr);  // the user's ~/.editrc
    return absl::OkStatus();
  }

  Input Read(const std::string& prompt) override {
    prompt_ = prompt;
    abandoned_ = false;
    interrupted_ = false;
    int length = 0;
    // Before the prompt invites to type: libedit would do it after that.
    el_set(editor_.get(), EL_PREP_TERM, 1);
    const char* const text = el_gets(editor_.get(), &length);
    if (interrupted_ || abandoned_) {
      std::fputs(abandoned_ ? "" : "\n", stdout);
      std::fflush(stdout);
      return {abandoned_ ? Ending::kAbandoned : Ending::kInterrupted, ""};
    }
    if (text == nullptr || length <= 0) {
      return {Ending::kEnd, ""};
    }
    std::string_view line(text, static_cast<size_t>(length));
    if (line.ends_with('\n')) {
      line.remove_suffix(1);
    }
    return {Ending::kLine, std::string(line)};
  }

  void AddHistory(const std::string& text) override {
    HistEvent event;
    history(history_.get(), &event, H_ENTER, text.c_str());
  }

  void Interrupt() override {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(interrupts_.get(), &one, sizeof(one));
  }

 private:
  static int MakeSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGWINCH);
    sigaddset(&signals, SIGCONT);
    return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  static LibeditEditor& Self(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<LibeditEditor*>(self);
  }

  static char* Prompt(EditLine* editor) { return Self(editor).prompt_.data(); }

  static int ReadCharacter(EditLine* editor, wchar_t* character) {
    return Self(editor).ReadOne(character);
  }

  static unsigned char CompleteWord(EditLine* editor, int key) {
    return Self(editor).Complete(key);
  }

  // The process goes on here, and TakeSignals() draws the line again.
  static unsigned char Suspend(EditLine*, int) {
    ::kill(0, SIGTSTP);
    return CC_NORM;
  }

  static unsigned char Abandon(EditLine* editor, int) { return Self(editor).AbandonLine(); }

  void Bind(const char* key, const char* function) {
    el_set(editor_.get(), EL_BIND, key, function, nullptr);
  }

  void BindKeys() {
    Bind("\t", "pallas-complete");
    Bind("^C", "pallas-abandon");
    Bind("^Z", "pallas-suspend");
    Bind("^R", "em-inc-search-prev");
    Bind("^W", "ed-delete-prev-word");
    // What terminals send for keys that libedit does not know from their descriptions.
    Bind("\033[3~", "ed-delete-next-char");
    Bind("\033[1~", "ed-move-to-beg");
    Bind("\033[4~", "ed-move-to-end");
    Bind("\033[H", "ed-move-to-beg");
    Bind("\033[F", "ed-move-to-end");
    Bind("\033[1;5D", "ed-prev-word");
    Bind("\033[1;5C", "em-next-word");
  }

  // Returns 1, or -1 at the end of the input and when interrupted.
  int ReadOne(wchar_t* character) {
    std::array<unsigned char, 4> bytes{};
    if (!ReadByte(&bytes[0])) {
      return -1;
    }
    const size_t length = SequenceLength(bytes[0]);
    for (size_t i = 1; i < length; ++i) {
      if (!ReadByte(&bytes.at(i))) {
        return -1;
      }
    }
    utf8proc_int32_t code_point = 0;
    const bool valid = utf8proc_iterate(bytes.data(), static_cast<utf8proc_ssize_t>(length),
                                        &code_point) == static_cast<utf8proc_ssize_t>(length);
    *character = valid ? static_cast<wchar_t>(code_point) : kReplacementCharacter;
    return 1;
  }

  bool ReadByte(unsigned char* byte) {
    for (;;) {
      std::array<pollfd, 3> waited = {
          {{STDIN_FILENO, POLLIN, 0}, {interrupts_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
      if (::poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) {
        return false;
      }
      if (waited[1].revents != 0) {
        uint64_t count = 0;
        [[maybe_unused]] const ssize_t size = ::read(interrupts_.get(), &count, sizeof(count));
        interrupted_ = true;
        return false;
      }
      if (waited[2].revents != 0) {
        TakeSignals();
      }
      if (waited[0].revents != 0) {
        const ssize_t size = ::read(STDIN_FILENO, byte, 1);
        if (size == 1 || (size < 0 && errno != EINTR && errno != EAGAIN) || size == 0) {
          return size == 1;
        }
      }
    }
  }

  void TakeSignals() {
    signalfd_siginfo information{};
    while (::read(signals_.get(), &information, sizeof(information)) == sizeof(information)) {
      if (information.ssi_signo == SIGCONT) {
        // Whoever had the terminal meanwhile has set its modes.
        el_set(editor_.get(), EL_PREP_TERM, 0);
        el_set(editor_.get(), EL_PREP_TERM, 1);
      }
      el_resize(editor_.get());
      std::fputs("\r\x1b[J", stdout);
      std::fflush(stdout);
      el_set(editor_.get(), EL_REFRESH);
    }
  }

  // A tab that is pasted is a blank, no question.
  bool MoreIsWaiting() const {
    pollfd waited = {STDIN_FILENO, POLLIN, 0};
    return ::poll(&waited, 1, 0) == 1;
  }

  unsigned char Complete(int key) {
    EditLine* const editor = editor_.get();
    const LineInfo* const info = el_line(editor);
    const std::string line(info->buffer, info->lastchar);
    const auto cursor = static_cast<size_t>(info->cursor - info->buffer);
    if (key == '\t' && MoreIsWaiting()) {
      return el_insertstr(editor, " ") == 0 ? CC_REFRESH : CC_ERROR;
    }
    const Completion completion = completion_(line, cursor);
    const std::vector<Candidate>& candidates = completion.candidates;
    if (candidates.empty()) {
      return CC_REFRESH_BEEP;
    }
    const std::string_view word =
        std::string_view(line).substr(completion.begin, cursor - completion.begin);
    std::string text = CommonPrefix(candidates);
    if (candidates.size() == 1) {
      text.append(candidates[0].after);
    }
    if (text.size() > word.size() || candidates.size() == 1) {
      el_deletestr(editor, CharactersOf(word));
      return el_insertstr(editor, text.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    Show(candidates, line, cursor);
    return CC_NORM;
  }

  static int CharactersOf(std::string_view text) {
    return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
  }

  // Goes to the line after the last one of the input.
  void LeaveInput(std::string_view line, size_t cursor) const {
    const size_t columns = SizeOfTerminal().columns;
    const size_t start = DisplayWidth(prompt_);
    const size_t down =
        LinesDown(line, start, columns) - LinesDown(line.substr(0, cursor), start, columns) + 1;
    std::fputs(std::string(down, '\n').c_str(), stdout);
  }

  // Lists the candidates below the line, in columns, and draws the line again.
  void Show(const std::vector<Candidate>& candidates, std::string_view line, size_t cursor) {
    LeaveInput(line, cursor);
    const size_t shown = std::min(candidates.size(), kMaxShown);
    size_t width = 0;
    std::vector<std::string> texts;
    for (size_t i = 0; i < shown; ++i) {
      texts.push_back(Printable(candidates[i].text));
      width = std::max(width, DisplayWidth(texts.back()) + 2);
    }
    const size_t columns = std::max<size_t>(SizeOfTerminal().columns / width, 1);
    const size_t rows = (shown + columns - 1) / columns;
    std::string out;
    for (size_t row = 0; row < rows; ++row) {
      std::string row_text;
      for (size_t i = row; i < shown; i += rows) {
        absl::StrAppend(&row_text, texts[i], std::string(width - DisplayWidth(texts[i]), ' '));
      }
      absl::StrAppend(&out, absl::StripTrailingAsciiWhitespace(row_text), "\r\n");
    }
    if (shown < candidates.size()) {
      absl::StrAppend(&out, "and ", candidates.size() - shown, " more\r\n");
    }
    std::fputs(out.c_str(), stdout);
    std::fflush(stdout);
    el_set(editor_.get(), EL_REFRESH);
  }

  unsigned char AbandonLine() {
    const LineInfo* const info = el_line(editor_.get());
    const std::string_view line(info->buffer, static_cast<size_t>(info->lastchar - info->buffer));
    std::fputs("^C", stdout);
    LeaveInput(line, static_cast<size_t>(info->cursor - info->buffer));
    std::fflush(stdout);
    abandoned_ = true;
    return CC_EOF;
  }

  LineCompletion completion_;
  std::string prompt_;
  bool abandoned_ = false;
  bool interrupted_ = false;
  Descriptor interrupts_;
  Descriptor signals_;
  HistoryPtr history_;
  EditLinePtr editor_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LineEditor>> LineEditor::Make(LineCompletion completion) {
  // Other threads do not look at the locale; libedit measures and writes characters by it.
  // NOLINTBEGIN(concurrency-mt-unsafe)
  if (std::setlocale(LC_CTYPE, "") == nullptr ||
      std::string_view(nl_langinfo(CODESET)) != "UTF-8") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
  // NOLINTEND(concurrency-mt-unsafe)
  auto editor = std::make_unique<LibeditEditor>(std::move(completion));
  absl::Status status = editor->Init();
  if (!status.ok()) {
    return status;
  }
  return editor;
}

}  // namespace pallas::cli
