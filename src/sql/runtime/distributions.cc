#include "sql/runtime/distributions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "types/value_text.h"

namespace pallas::sql {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

absl::Status InvalidArgument(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

// c[0] + x * (c[1] + x * (c[2] + ...)).
double Polynomial(std::span<const double> c, double x) {
  double value = c.back();
  for (size_t i = c.size() - 1; i-- > 0;) {
    value = c[i] + x * value;
  }
  return value;
}

// ---- Continued fractions ----

// a0 + b1 / (a1 + b2 / (a2 + ...)) by Lentz's method, to that precision; `a` and `b` give the
// terms.
template <typename A, typename B>
absl::StatusOr<double> ContinuedFraction(double x, double epsilon, int max_terms, A a, B b) {
  constexpr double kSmall = 1e-50;
  const auto away_from_zero = [](double value) {
    return std::abs(value) <= kSmall ? kSmall : value;
  };
  double value = away_from_zero(a(0));
  double c = value;
  double d = 0;
  for (int n = 1; n < max_terms; ++n) {
    d = 1 / away_from_zero(a(n) + b(n) * d);
    c = away_from_zero(a(n) + b(n) / c);
    const double factor = c * d;
    value *= factor;
    if (std::isinf(value) || std::isnan(value)) {
      std::string shown;
      if (x == std::floor(x) && std::abs(x) < 1e15) {
        shown = absl::StrCat(static_cast<int64_t>(x));
      } else {
        AppendJavaDouble(x, &shown);
      }
      return NamedError(
          "GENERIC_INTERNAL_ERROR",
          absl::StrCat("illegal state: Continued fraction diverged to ",
                       std::isnan(value) ? "NaN" : "+/- infinity", " for value ", shown),
          absl::StatusCode::kInternal);
    }
    if (std::abs(factor - 1) < epsilon) {
      break;
    }
  }
  return value;
}

// ---- Gamma and beta functions ----

// 1 / gamma(1 + x) - 1 for x from -0.5 to 1.5.
double InverseGammaOfOnePlus(double x) {
  static constexpr std::array kA = {6.116095104481416E-9, 6.247308301164655E-9};
  static constexpr std::array kB = {1.0,
                                    0.203610414066807,
                                    0.026620534842894922,
                                    4.939449793824468E-4,
                                    -8.514194324403149E-6,
                                    -6.4304548177935305E-6,
                                    9.926418406727737E-7,
                                    -6.077618957228252E-8,
                                    1.9575583661463974E-10};
  static constexpr std::array kP = {
      6.116095104481416E-9,   6.8716741130671986E-9,   6.820161668496171E-10, 4.686843322948848E-11,
      1.5728330277104463E-12, -1.2494415722763663E-13, 4.343529937408594E-15};
  static constexpr std::array kQ = {1.0, 0.3056961078365221, 0.054642130860422966,
                                    0.004956830093825887, 2.6923694661863613E-4};
  constexpr double kLast = -2.056338416977607E-7;
  // The first coefficient depends on the sign.
  std::array c = {0.5772156649015329,     -0.6558780715202539,
                  -0.04200263503409524,   0.16653861138229148,
                  -0.04219773455554433,   -0.009621971527876973,
                  0.0072189432466631,     -0.0011651675918590652,
                  -2.1524167411495098E-4, 1.280502823881162E-4,
                  -2.013485478078824E-5,  -1.2504934821426706E-6,
                  1.133027231981696E-6,   0.0};
  const double t = x <= 0.5 ? x : (x - 0.5) - 0.5;
  if (t < 0) {
    c.front() = -0.42278433509846713;
    c.back() = kLast + t * (Polynomial(kA, t) / Polynomial(kB, t));
    const double sum = Polynomial(c, t);
    return x > 0.5 ? t * sum / x : x * ((sum + 0.5) + 0.5);
  }
  c.back() = kLast + (Polynomial(kP, t) / Polynomial(kQ, t)) * t;
  const double sum = Polynomial(c, t);
  return x > 0.5 ? (t / x) * ((sum - 0.5) - 0.5) : x * sum;
}

constexpr double kLanczosG = 607.0 / 128.0;
constexpr double kHalfLogTwoPi = 0.9189385332046727;

double Lanczos(double x) {
  static constexpr std::array kCoefficients = {
      0.9999999999999971,   57.15623566586292,      -59.59796035547549,    14.136097974741746,
      -0.4919138160976202,  3.399464998481189E-5,   4.652362892704858E-5,  -9.837447530487956E-5,
      1.580887032249125E-4, -2.1026444172410488E-4, 2.1743961811521265E-4, -1.643181065367639E-4,
      8.441822398385275E-5, -2.6190838401581408E-5, 3.6899182659531625E-6};
  double sum = 0;
  for (size_t i = kCoefficients.size(); --i > 0;) {
    sum += kCoefficients[i] / (x + static_cast<double>(i));
  }
  return sum + kCoefficients[0];
}

// log(gamma(1 + x)) for x from -0.5 to 1.5.
double LogGammaOfOnePlus(double x) { return -std::log1p(InverseGammaOfOnePlus(x)); }

double LogGamma(double x) {
  if (std::isnan(x) || x <= 0) {
    return kNaN;
  }
  if (x < 0.5) {
    return LogGammaOfOnePlus(x) - std::log(x);
  }
  if (x <= 2.5) {
    return LogGammaOfOnePlus((x - 0.5) - 0.5);
  }
  if (x <= 8) {
    const int n = static_cast<int>(std::floor(x - 1.5));
    double product = 1;
    for (int i = 1; i <= n; ++i) {
      product *= x - i;
    }
    return LogGammaOfOnePlus(x - (n + 1)) + std::log(product);
  }
  const double t = x + kLanczosG + 0.5;
  return ((x + 0.5) * std::log(t)) - t + kHalfLogTwoPi + std::log(Lanczos(x) / x);
}

// REQUIRES: 0 < x <= 20.
double Gamma(double x) {
  if (x >= 1) {
    double product = 1;
    double t = x;
    while (t > 2.5) {
      t -= 1;
      product *= t;
    }
    return product / (1 + InverseGammaOfOnePlus(t - 1));
  }
  return 1 / (x * (1 + InverseGammaOfOnePlus(x)));
}

// log(gamma(a + b)) for a and b from 1 to 2.
double LogGammaOfSum(double a, double b) {
  const double x = (a - 1) + (b - 1);
  if (x <= 0.5) {
    return LogGammaOfOnePlus(1 + x);
  }
  if (x <= 1.5) {
    return LogGammaOfOnePlus(x) + std::log1p(x);
  }
  return LogGammaOfOnePlus(x - 1) + std::log(x * (1 + x));
}

// Of Stirling's series: the error of log(gamma(x)) for x >= 10 is a sum of these over x^(2i+1), in
// units of 10.
constexpr std::array kDelta = {
    0.08333333333333333,    -2.777777777777778E-5,   7.936507936507937E-8,  -5.952380952380953E-10,
    8.417508417508329E-12,  -1.917526917518546E-13,  6.410256405103255E-15, -2.955065141253382E-16,
    1.7964371635940225E-17, -1.3922896466162779E-18, 1.338028550140209E-19, -1.542460098679661E-20,
    1.9770199298095743E-21, -2.3406566479399704E-22, 1.713480149663986E-23};

// delta(b) - delta(a + b), for b >= a and b >= 10.
double DeltaDifference(double a, double b) {
  const double h = a / b;
  const double p = h / (1 + h);
  const double q = 1 / (1 + h);
  const double q2 = q * q;
  std::array<double, kDelta.size()> s;
  s[0] = 1;
  for (size_t i = 1; i < s.size(); ++i) {
    s[i] = 1 + (q + q2 * s[i - 1]);
  }
  const double root = 10 / b;
  const double t = root * root;
  double w = kDelta.back() * s.back();
  for (size_t i = kDelta.size() - 1; i-- > 0;) {
    w = t * w + kDelta[i] * s[i];
  }
  return w * p / b;
}

// delta(p) + delta(q) - delta(p + q), for both >= 10.
double DeltaSum(double p, double q) {
  const double a = std::min(p, q);
  const double b = std::max(p, q);
  const double root = 10 / a;
  return Polynomial(kDelta, root * root) / a + DeltaDifference(a, b);
}

// log(gamma(b) / gamma(a + b)) for b >= 10.
double LogGammaRatio(double a, double b) {
  const bool ordered = a <= b;
  const double d = ordered ? b + (a - 0.5) : a + (b - 0.5);
  const double w = ordered ? DeltaDifference(a, b) : DeltaDifference(b, a);
  const double u = d * std::log1p(a / b);
  const double v = a * (std::log(b) - 1);
  return u <= v ? (w - u) - v : (w - v) - u;
}

// Both >= 10, a <= b.
double LogBetaOfLarge(double a, double b) {
  const double w = DeltaSum(a, b);
  const double h = a / b;
  const double c = h / (1 + h);
  const double u = -(a - 0.5) * std::log(c);
  const double v = b * std::log1p(h);
  const double start = (-0.5 * std::log(b) + kHalfLogTwoPi) + w;
  return u <= v ? (start - u) - v : (start - v) - u;
}

// 2 < a < 10, a <= b.
double LogBetaOfMiddle(double a, double b) {
  double reduced = a;
  if (b > 1000) {
    const int n = static_cast<int>(std::floor(a - 1));
    double product = 1;
    for (int i = 0; i < n; ++i) {
      reduced -= 1;
      product *= reduced / (1 + reduced / b);
    }
    return (std::log(product) - n * std::log(b)) + (LogGamma(reduced) + LogGammaRatio(reduced, b));
  }
  double product = 1;
  while (reduced > 2) {
    reduced -= 1;
    const double h = reduced / b;
    product *= h / (1 + h);
  }
  if (b >= 10) {
    return std::log(product) + LogGamma(reduced) + LogGammaRatio(reduced, b);
  }
  double second = 1;
  double other = b;
  while (other > 2) {
    other -= 1;
    second *= other / (reduced + other);
  }
  return std::log(product) + std::log(second) +
         (LogGamma(reduced) + (LogGamma(other) - LogGammaOfSum(reduced, other)));
}

// 1 <= a <= 2, a <= b.
double LogBetaOfSmall(double a, double b) {
  if (b <= 2) {
    return LogGamma(a) + LogGamma(b) - LogGammaOfSum(a, b);
  }
  if (b >= 10) {
    return LogGamma(a) + LogGammaRatio(a, b);
  }
  double product = 1;
  double reduced = b;
  while (reduced > 2) {
    reduced -= 1;
    product *= reduced / (a + reduced);
  }
  return std::log(product) + (LogGamma(a) + (LogGamma(reduced) - LogGammaOfSum(a, reduced)));
}

// REQUIRES: both > 0.
double LogBeta(double p, double q) {
  const double a = std::min(p, q);
  const double b = std::max(p, q);
  if (a >= 10) {
    return LogBetaOfLarge(a, b);
  }
  if (a > 2) {
    return LogBetaOfMiddle(a, b);
  }
  if (a >= 1) {
    return LogBetaOfSmall(a, b);
  }
  if (b >= 10) {
    return LogGamma(a) + LogGammaRatio(a, b);
  }
  return std::log(Gamma(a) * Gamma(b) / Gamma(a + b));
}

constexpr double kBetaEpsilon = 1e-14;
constexpr int kManyTerms = std::numeric_limits<int>::max();

absl::StatusOr<double> RegularizedBeta(double x, double a, double b) {
  if (std::isnan(x) || std::isnan(a) || std::isnan(b) || x < 0 || x > 1 || a <= 0 || b <= 0) {
    return kNaN;
  }
  if (x > (a + 1) / (2 + b + a) && 1 - x <= (b + 1) / (2 + b + a)) {
    ASSIGN_OR_RETURN(const double rest, RegularizedBeta(1 - x, b, a));
    return 1 - rest;
  }
  ASSIGN_OR_RETURN(const double fraction,
                   ContinuedFraction(
                       x, kBetaEpsilon, kManyTerms, [](int) { return 1.0; },
                       [&](int n) {
                         if (n % 2 == 0) {
                           const double m = n / 2.0;
                           return (m * (b - m) * x) / ((a + (2 * m) - 1) * (a + (2 * m)));
                         }
                         const double m = (n - 1.0) / 2.0;
                         return -((a + m) * (a + b + m) * x) / ((a + (2 * m)) * (a + (2 * m) + 1));
                       }));
  return std::exp((a * std::log(x)) + (b * std::log1p(-x)) - std::log(a) - LogBeta(a, b)) * 1.0 /
         fraction;
}

// The share of gamma(a) that lies below x.
absl::StatusOr<double> RegularizedGamma(double a, double x) {
  constexpr double kEpsilon = 1e-15;
  constexpr int kMaxTerms = 10'000;
  if (std::isnan(x)) {
    return kNaN;
  }
  if (x == 0) {
    return 0.0;
  }
  if (x >= a + 1) {
    ASSIGN_OR_RETURN(const double fraction,
                     ContinuedFraction(
                         x, kEpsilon, kMaxTerms, [&](int n) { return ((2.0 * n) + 1) - a + x; },
                         [&](int n) { return n * (a - n); }));
    return 1 - std::exp(-x + (a * std::log(x)) - LogGamma(a)) * (1 / fraction);
  }
  double term = 1 / a;
  double sum = term;
  for (double n = 1; std::abs(term / sum) > kEpsilon && n <= kMaxTerms && sum < kInfinity; ++n) {
    term *= x / (a + n);
    sum += term;
  }
  return std::isinf(sum) ? 1.0 : std::exp(-x + (a * std::log(x)) - LogGamma(a)) * sum;
}

// ---- Error function ----

absl::StatusOr<double> Erf(double x) {
  constexpr double kCertain = 40;
  if (std::abs(x) > kCertain) {
    return x > 0 ? 1.0 : -1.0;
  }
  ASSIGN_OR_RETURN(const double value, RegularizedGamma(0.5, x * x));
  return x < 0 ? -value : value;
}

double InverseErf(double x) {
  static constexpr std::array kCentral = {
      1.6536545626831027,      0.24015818242558962,    -0.006033670871430149,
      -7.40702534166267E-4,    1.8673420803405714E-4,  -1.3882523362786469E-5,
      -1.3654692000834679E-6,  4.2347877827932404E-7,  -2.9070369957882005E-8,
      -4.112633980346984E-9,   1.0512122733215323E-9,  -5.415412054294628E-11,
      -1.2975133253453532E-11, 2.6335093153082323E-12, -8.151934197605472E-14,
      -4.054566272975207E-14,  6.637638134358324E-15,  2.0972767875968562E-17,
      -1.333171662854621E-16,  1.1157877678025181E-17, 1.28584807152564E-18,
      -1.6850591381820166E-19, -3.64441206401782E-21};
  static constexpr std::array kMiddle = {
      3.0838856104922208,     1.0052589676941592,     0.005370914553590064,   -0.003751208507569241,
      0.002491442096107851,   -0.0016882755560235047, 9.532893797373805E-4,   -3.550375203628475E-4,
      2.4031110387097894E-5,  6.828485145957318E-5,   -4.7318229009055734E-5, 1.2475304481671779E-5,
      2.9234449089955446E-6,  -4.013867526981546E-6,  1.5027403968909828E-6,  1.8239629214389228E-8,
      -2.7517406297064545E-7, 9.075656193888539E-8,   2.2137376921775787E-9};
  static constexpr std::array kTail = {
      4.849906401408584,      1.0103004648645344,    -1.3871931833623122E-4, -2.1503011930044477E-4,
      7.599527703001776E-5,   -1.968177810553167E-5, 4.526062597223154E-6,   -9.9298272942317E-7,
      2.2900482228026655E-7,  -6.771199775845234E-8, 2.914795345090108E-8,   -1.496002662714924E-8,
      7.61570120807834E-9,    -3.789465440126737E-9, 1.5076572693500548E-9,  -2.555641816996525E-10,
      -2.7109920616438573E-11};
  const double w = -std::log((1 - x) * (1 + x));
  if (w < 6.25) {
    return Polynomial(kCentral, w - 3.125) * x;
  }
  if (w < 16) {
    return Polynomial(kMiddle, std::sqrt(w) - 3.25) * x;
  }
  return std::isinf(w) ? x * kInfinity : Polynomial(kTail, std::sqrt(w) - 5) * x;
}

// ---- Roots ----

constexpr double kRootAccuracy = 1e-9;
constexpr double kRelativeAccuracy = 1e-14;
constexpr double kValueAccuracy = 1e-15;

struct Point {
  double x = 0;
  double y = 0;
};

// A step of Brent's method from `b`, by interpolation if it is safe, and the step before it.
struct Step {
  double now = 0;
  double before = 0;
};

Step BrentStep(const Point& a, const Point& b, const Point& c, double tolerance, Step last) {
  const double m = 0.5 * (c.x - b.x);
  if (std::abs(last.before) < tolerance || std::abs(a.y) <= std::abs(b.y)) {
    return {m, m};
  }
  double s = b.y / a.y;
  double p = 2 * m * s;
  double q = 1 - s;
  if (a.x != c.x) {
    q = a.y / c.y;
    const double r = b.y / c.y;
    p = s * (2 * m * q * (q - r) - (b.x - a.x) * (r - 1));
    q = (q - 1) * (r - 1) * (s - 1);
  }
  if (p > 0) {
    q = -q;
  } else {
    p = -p;
  }
  s = last.before;
  if (p >= 1.5 * m * q - std::abs(tolerance * q) || p >= std::abs(0.5 * s * q)) {
    return {m, m};
  }
  return {p / q, last.now};
}

// Where `f` is 0 between `low` and `high`, whose values have different signs.
template <typename F>
absl::StatusOr<double> BrentRoot(F f, Point low, Point high) {
  Point a = low;
  Point b = high;
  Point c = a;
  Step step{b.x - a.x, b.x - a.x};
  while (true) {
    if (std::abs(c.y) < std::abs(b.y)) {
      a = b;
      b = c;
      c = a;
    }
    const double tolerance = 2 * kRelativeAccuracy * std::abs(b.x) + kRootAccuracy;
    const double m = 0.5 * (c.x - b.x);
    if (std::abs(m) <= tolerance || std::abs(b.y) <= std::numeric_limits<double>::denorm_min()) {
      return b.x;
    }
    step = BrentStep(a, b, c, tolerance, step);
    a = b;
    if (std::abs(step.now) > tolerance) {
      b.x += step.now;
    } else {
      b.x += m > 0 ? tolerance : -tolerance;
    }
    ASSIGN_OR_RETURN(b.y, f(b.x));
    if ((b.y > 0) == (c.y > 0)) {
      c = a;
      step = {b.x - a.x, b.x - a.x};
    }
  }
}

// Where the increasing `f` is 0 between 0 and 1.
template <typename F>
absl::StatusOr<double> RootInUnitInterval(F f) {
  Point middle{0.5, 0};
  ASSIGN_OR_RETURN(middle.y, f(middle.x));
  Point low{0, 0};
  ASSIGN_OR_RETURN(low.y, f(low.x));
  Point high{1, 0};
  ASSIGN_OR_RETURN(high.y, f(high.x));
  for (const Point& point : {middle, low}) {
    if (std::abs(point.y) <= kValueAccuracy) {
      return point.x;
    }
  }
  if (middle.y * low.y < 0) {
    return BrentRoot(f, low, middle);
  }
  return std::abs(high.y) <= kValueAccuracy ? absl::StatusOr<double>(high.x)
                                            : BrentRoot(f, middle, high);
}

absl::StatusOr<double> BetaShare(double a, double b, double x) {
  if (x <= 0) {
    return 0.0;
  }
  return x >= 1 ? absl::StatusOr<double>(1.0) : RegularizedBeta(x, a, b);
}

}  // namespace

absl::StatusOr<double> NormalCdf(double mean, double deviation, double value) {
  if (!(deviation > 0)) {
    return InvalidArgument("standardDeviation must be > 0");
  }
  ASSIGN_OR_RETURN(const double erf, Erf((value - mean) / (deviation * std::numbers::sqrt2)));
  return 0.5 * (1 + erf);
}

absl::StatusOr<double> InverseNormalCdf(double mean, double deviation, double p) {
  if (!(p > 0 && p < 1)) {
    return InvalidArgument("p must be 0 > p > 1");
  }
  if (!(deviation > 0)) {
    return InvalidArgument("sd must be > 0");
  }
  return mean + deviation * std::numbers::sqrt2 * InverseErf(2 * p - 1);
}

absl::StatusOr<double> BetaCdf(double a, double b, double value) {
  if (!(value >= 0 && value <= 1)) {
    return InvalidArgument("value must be 0 >= v >= 1");
  }
  if (!(a > 0 && b > 0)) {
    return InvalidArgument("a, b must be > 0");
  }
  return BetaShare(a, b, value);
}

absl::StatusOr<double> InverseBetaCdf(double a, double b, double p) {
  if (!(p >= 0 && p <= 1)) {
    return InvalidArgument("p must be 0 >= p >= 1");
  }
  if (!(a > 0 && b > 0)) {
    return InvalidArgument("a, b must be > 0");
  }
  if (p == 0 || p == 1) {
    return p;
  }
  return RootInUnitInterval([&](double x) -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const double share, BetaShare(a, b, x));
    return share - p;
  });
}

absl::StatusOr<double> StudentCdf(double value, double degrees_of_freedom) {
  if (degrees_of_freedom < 1) {
    return InvalidArgument("degrees of freedom must be greater than or equal to 1");
  }
  if (value == 0) {
    return 0.5;
  }
  ASSIGN_OR_RETURN(const double share,
                   RegularizedBeta(degrees_of_freedom / (degrees_of_freedom + value * value),
                                   0.5 * degrees_of_freedom, 0.5));
  return value < 0 ? 0.5 * share : 1 - 0.5 * share;
}

absl::StatusOr<double> StudentPdf(double value, double degrees_of_freedom) {
  if (degrees_of_freedom < 1) {
    return InvalidArgument("degrees of freedom must be greater than or equal to 1");
  }
  const double half = (degrees_of_freedom + 1) / 2;
  const double factor = LogGamma(half) -
                        0.5 * (std::log(std::numbers::pi) + std::log(degrees_of_freedom)) -
                        LogGamma(degrees_of_freedom / 2);
  return std::exp(factor - half * std::log(1 + value * value / degrees_of_freedom));
}

absl::StatusOr<double> WilsonInterval(IntervalEnd end, int64_t successes, int64_t trials,
                                      double z) {
  if (successes < 0) {
    return InvalidArgument("number of successes must not be negative");
  }
  if (trials <= 0) {
    return InvalidArgument("number of trials must be positive");
  }
  if (successes > trials) {
    return InvalidArgument("number of successes must not be larger than number of trials");
  }
  if (!(z >= 0)) {
    return InvalidArgument("z-score must not be negative");
  }
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double sign = end == IntervalEnd::kLower ? -1 : 1;
  return (p + z * z / (2 * n) + sign * z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n))) /
         (1 + z * z / n);
}

}  // namespace pallas::sql
