#include "common/feed/byte_source.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::feed {

namespace {

constexpr std::size_t k_packed_buffer = 32 * 1024;
// zlib: the greatest window, and nothing but gzip framing.
constexpr int k_gzip_window_bits = 15 + 16;

class FileSource final : public ByteSource {
  public:
    FileSource(Descriptor file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}
    Result<std::size_t> read(char* out, std::size_t size) override {
        while (true) {
            const ssize_t count = ::read(file_.get(), out, size);
            if (count >= 0)
                return static_cast<std::size_t>(count);
            if (errno != EINTR)
                return fail_errno("cannot read " + path_);
        }
    }

  private:
    Descriptor file_;
    std::string path_;
};

class MemorySource final : public ByteSource {
  public:
    explicit MemorySource(std::string_view bytes) : rest_(bytes) {}
    Result<std::size_t> read(char* out, std::size_t size) override {
        const std::size_t count = std::min(size, rest_.size());
        std::copy_n(rest_.begin(), count, out);
        rest_.remove_prefix(count);
        return count;
    }

  private:
    std::string_view rest_;
};

// The source below, with the bytes that were looked at to tell gzip from text put back.
class Peeked {
  public:
    explicit Peeked(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
    // Looks at two bytes; false when there are fewer.
    Result<bool> starts_as_gzip() {
        while (head_size_ < head_.size()) {
            BULLPEN_TRY(const std::size_t count,
                        source_->read(head_.data() + head_size_, head_.size() - head_size_));
            if (count == 0)
                return false;
            head_size_ += count;
        }
        return head_[0] == '\x1f' && head_[1] == '\x8b';
    }
    Result<std::size_t> read(char* out, std::size_t size) {
        if (head_at_ < head_size_) {
            const std::size_t count = std::min(size, head_size_ - head_at_);
            std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(head_at_), count, out);
            head_at_ += count;
            return count;
        }
        return source_->read(out, size);
    }

  private:
    std::unique_ptr<ByteSource> source_;
    std::array<char, 2> head_{};
    std::size_t head_size_ = 0;
    std::size_t head_at_ = 0;
};

class PlainText final : public ByteSource {
  public:
    explicit PlainText(Peeked source) : source_(std::move(source)) {}
    Result<std::size_t> read(char* out, std::size_t size) override {
        return source_.read(out, size);
    }

  private:
    Peeked source_;
};

class Gunzipped final : public ByteSource {
  public:
    explicit Gunzipped(Peeked source) : source_(std::move(source)) {
        ready_ = ::inflateInit2(&stream_, k_gzip_window_bits) == Z_OK;
    }
    ~Gunzipped() override {
        if (ready_)
            ::inflateEnd(&stream_);
    }
    Gunzipped(const Gunzipped&) = delete;
    Gunzipped& operator=(const Gunzipped&) = delete;
    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] std::string_view damage() const override { return damage_; }

    Result<std::size_t> read(char* out, std::size_t size) override {
        stream_.next_out = reinterpret_cast<Bytef*>(out);
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
        const uInt wanted = stream_.avail_out;
        while (stream_.avail_out == wanted && !ended_) {
            if (stream_.avail_in == 0) {
                BULLPEN_TRY(const std::size_t count, source_.read(packed_.data(), packed_.size()));
                stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
                stream_.avail_in = static_cast<uInt>(count);
                if (count == 0) {
                    end(between_members_ ? std::string_view() : "the gzip stream breaks off");
                    break;
                }
            }
            step();
        }
        return static_cast<std::size_t>(wanted - stream_.avail_out);
    }

  private:
    void step() {
        if (between_members_) {
            // Zeros pad a file to a block; anything but another member or them is damage.
            if (*stream_.next_in == 0) {
                ++stream_.next_in;
                --stream_.avail_in;
                return;
            }
            ::inflateReset(&stream_);
            between_members_ = false;
        }
        const int status = ::inflate(&stream_, Z_NO_FLUSH);
        if (status == Z_STREAM_END)
            between_members_ = true;
        else if (status != Z_OK && status != Z_BUF_ERROR)
            end("the gzip stream is damaged");
    }
    void end(std::string_view why) {
        ended_ = true;
        damage_ = why;
    }

    Peeked source_;
    z_stream stream_{};
    std::array<char, k_packed_buffer> packed_{};
    std::string_view damage_;
    bool ready_ = false;
    bool between_members_ = false;
    bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file_source(const std::string& path) {
    BULLPEN_TRY(Descriptor file, open_file(path, O_RDONLY));
    return std::make_unique<FileSource>(std::move(file), path);
}

std::unique_ptr<ByteSource> memory_source(std::string_view bytes) {
    return std::make_unique<MemorySource>(bytes);
}

Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> packed) {
    Peeked source(std::move(packed));
    BULLPEN_TRY(const bool gzip, source.starts_as_gzip());
    if (!gzip)
        return std::make_unique<PlainText>(std::move(source));
    auto unpacked = std::make_unique<Gunzipped>(std::move(source));
    if (!unpacked->ready())
        return fail(Errc::exhausted, "no memory to unpack gzip");
    return unpacked;
}

}  // namespace bullpen::feed
