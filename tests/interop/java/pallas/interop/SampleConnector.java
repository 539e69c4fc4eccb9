package pallas.interop;

import com.amazonaws.athena.connector.lambda.QueryStatusChecker;
import com.amazonaws.athena.connector.lambda.data.Block;
import com.amazonaws.athena.connector.lambda.data.BlockAllocator;
import com.amazonaws.athena.connector.lambda.data.BlockSpiller;
import com.amazonaws.athena.connector.lambda.data.BlockWriter;
import com.amazonaws.athena.connector.lambda.data.FieldBuilder;
import com.amazonaws.athena.connector.lambda.data.FieldResolver;
import com.amazonaws.athena.connector.lambda.data.SchemaBuilder;
import com.amazonaws.athena.connector.lambda.domain.Split;
import com.amazonaws.athena.connector.lambda.domain.TableName;
import com.amazonaws.athena.connector.lambda.exceptions.AthenaConnectorException;
import com.amazonaws.athena.connector.lambda.exceptions.FederationThrottleException;
import com.amazonaws.athena.connector.lambda.handlers.CompositeHandler;
import com.amazonaws.athena.connector.lambda.handlers.MetadataHandler;
import com.amazonaws.athena.connector.lambda.handlers.RecordHandler;
import com.amazonaws.athena.connector.lambda.handlers.UserDefinedFunctionHandler;
import com.amazonaws.athena.connector.lambda.metadata.GetDataSourceCapabilitiesRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetDataSourceCapabilitiesResponse;
import com.amazonaws.athena.connector.lambda.metadata.GetSplitsRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetSplitsResponse;
import com.amazonaws.athena.connector.lambda.metadata.GetTableLayoutRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetTableRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetTableResponse;
import com.amazonaws.athena.connector.lambda.metadata.ListSchemasRequest;
import com.amazonaws.athena.connector.lambda.metadata.ListSchemasResponse;
import com.amazonaws.athena.connector.lambda.metadata.ListTablesRequest;
import com.amazonaws.athena.connector.lambda.metadata.ListTablesResponse;
import com.amazonaws.athena.connector.lambda.metadata.optimizations.OptimizationSubType;
import com.amazonaws.athena.connector.lambda.metadata.optimizations.querypassthrough.QueryPassthroughSignature;
import com.amazonaws.athena.connector.lambda.records.ReadRecordsRequest;
import com.google.common.collect.ImmutableMap;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.Types;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.glue.model.ErrorDetails;
import software.amazon.awssdk.services.glue.model.FederationSourceErrorCode;

/**
 * A connector written with the published SDK as its authors write theirs, whose values follow from the row's number:
 *
 * <ul>
 *   <li>interop.all_types: every type of the protocol, in 2 partitions of 2 splits; every seventh row is NULL but for its number
 *   <li>interop.big: rows enough to spill; setting big_rows
 *   <li>interop.throttled: each split asks to slow down at its first two reads
 *   <li>interop.failing: every read is an error
 *   <li>system.query(QUERY =&gt; 'N'): the numbers below N
 *   <li>the functions shout(varchar), plus(bigint, bigint)
 * </ul>
 */
public final class SampleConnector extends CompositeHandler {
  static final String SCHEMA = "interop";
  static final int PARTITIONS = 2;
  static final int SPLITS_OF_PARTITION = 2;
  static final int ROWS_OF_SPLIT = 25;
  static final int BIG_SPLITS = 4;

  public SampleConnector() {
    super(new Metadata(), new Records(), new Functions());
  }

  private static final class Passthrough implements QueryPassthroughSignature {
    private static final Logger LOGGER = LoggerFactory.getLogger(Passthrough.class);

    @Override
    public String getFunctionSchema() {
      return "system";
    }

    @Override
    public String getFunctionName() {
      return "query";
    }

    @Override
    public List<String> getFunctionArguments() {
      return List.of("QUERY");
    }

    @Override
    public Logger getLogger() {
      return LOGGER;
    }
  }

  static Schema allTypes() {
    Field entries =
        new Field(
            "entries",
            FieldType.notNullable(Types.MinorType.STRUCT.getType()),
            List.of(
                new Field("key", FieldType.notNullable(Types.MinorType.VARCHAR.getType()), null),
                new Field("value", FieldType.nullable(Types.MinorType.INT.getType()), null)));
    return SchemaBuilder.newBuilder()
        .addBigIntField("id")
        .addBitField("col_bit")
        .addTinyIntField("col_tinyint")
        .addSmallIntField("col_smallint")
        .addIntField("col_int")
        .addFloat4Field("col_float4")
        .addFloat8Field("col_float8")
        .addDecimalField("col_decimal", 38, 10)
        .addStringField("col_varchar")
        .addField("col_varbinary", Types.MinorType.VARBINARY.getType())
        .addDateDayField("col_date")
        .addDateMilliField("col_timestamp")
        .addField("col_timestamptz", new ArrowType.Timestamp(TimeUnit.MILLISECOND, "UTC"))
        .addListField("col_list", Types.MinorType.INT.getType())
        .addField(
            FieldBuilder.newBuilder("col_struct", Types.MinorType.STRUCT.getType())
                .addIntField("a")
                .addStringField("b")
                .build())
        .addField(new Field("col_map", FieldType.nullable(new ArrowType.Map(false)), List.of(entries)))
        .addIntField("part")
        .addMetadata("col_varchar", "text with letters of several alphabets")
        .build();
  }

  private static final class Metadata extends MetadataHandler {
    private final Passthrough passthrough = new Passthrough();

    Metadata() {
      super("pallas-interop", System.getenv());
    }

    @Override
    public GetDataSourceCapabilitiesResponse doGetDataSourceCapabilities(
        BlockAllocator allocator, GetDataSourceCapabilitiesRequest request) {
      ImmutableMap.Builder<String, List<OptimizationSubType>> capabilities = ImmutableMap.builder();
      passthrough.addQueryPassthroughCapabilityIfEnabled(capabilities, configOptions);
      return new GetDataSourceCapabilitiesResponse(request.getCatalogName(), capabilities.build());
    }

    @Override
    public ListSchemasResponse doListSchemaNames(BlockAllocator allocator, ListSchemasRequest request) {
      return new ListSchemasResponse(request.getCatalogName(), List.of(SCHEMA));
    }

    private static final List<String> TABLES = List.of("all_types", "big", "failing", "throttled");

    @Override
    public ListTablesResponse doListTables(BlockAllocator allocator, ListTablesRequest request) {
      int first = request.getNextToken() == null ? 0 : Integer.parseInt(request.getNextToken());
      int last =
          request.getPageSize() == ListTablesRequest.UNLIMITED_PAGE_SIZE_VALUE
              ? TABLES.size()
              : Math.min(TABLES.size(), first + request.getPageSize());
      return new ListTablesResponse(
          request.getCatalogName(),
          TABLES.subList(first, last).stream().map(table -> new TableName(SCHEMA, table)).toList(),
          last < TABLES.size() ? String.valueOf(last) : null);
    }

    @Override
    public GetTableResponse doGetTable(BlockAllocator allocator, GetTableRequest request) {
      String table = request.getTableName().getTableName().toLowerCase();
      TableName name = new TableName(SCHEMA, table);
      switch (table) {
        case "all_types":
          return new GetTableResponse(request.getCatalogName(), name, allTypes(), Set.of("part"));
        case "big":
          return new GetTableResponse(
              request.getCatalogName(),
              name,
              SchemaBuilder.newBuilder().addBigIntField("id").addStringField("name").addFloat8Field("price").build());
        case "failing":
        case "throttled":
          return new GetTableResponse(request.getCatalogName(), name, SchemaBuilder.newBuilder().addBigIntField("id").build());
        default:
          throw new AthenaConnectorException(
              "no table " + table,
              ErrorDetails.builder().errorCode(FederationSourceErrorCode.ENTITY_NOT_FOUND_EXCEPTION.toString()).build());
      }
    }

    @Override
    public GetTableResponse doGetQueryPassthroughSchema(BlockAllocator allocator, GetTableRequest request) {
      passthrough.verify(request.getQueryPassthroughArguments());
      return new GetTableResponse(
          request.getCatalogName(), request.getTableName(), SchemaBuilder.newBuilder().addBigIntField("n").build());
    }

    @Override
    public void getPartitions(BlockWriter writer, GetTableLayoutRequest request, QueryStatusChecker checker) {
      if (!request.getPartitionCols().contains("part")) {
        return;
      }
      for (int partition = 0; partition < PARTITIONS; ++partition) {
        int number = partition;
        writer.writeRows((Block block, int row) -> block.setValue("part", row, number) ? 1 : 0);
      }
    }

    @Override
    public GetSplitsResponse doGetSplits(BlockAllocator allocator, GetSplitsRequest request) {
      if (request.getConstraints().isQueryPassThrough()) {
        return new GetSplitsResponse(
            request.getCatalogName(),
            new Split(makeSpillLocation(request), makeEncryptionKey(), request.getConstraints().getQueryPassthroughArguments()));
      }
      boolean partitioned = request.getPartitionCols().contains("part");
      int splits =
          switch (request.getTableName().getTableName()) {
            case "all_types" -> SPLITS_OF_PARTITION;
            case "big" -> BIG_SPLITS;
            default -> 1;
          };
      // A page for each partition.
      int row = request.hasContinuationToken() ? Integer.parseInt(request.getContinuationToken()) : 0;
      Set<Split> result = new HashSet<>();
      Block partitions = request.getPartitions();
      if (row < partitions.getRowCount()) {
        int partition = 0;
        if (partitioned) {
          partitions.getFieldReader("part").setPosition(row);
          partition = partitions.getFieldReader("part").readInteger();
        }
        for (int split = 0; split < splits; ++split) {
          result.add(
              Split.newBuilder(makeSpillLocation(request), makeEncryptionKey())
                  .add("part", String.valueOf(partition))
                  .add("split", String.valueOf(split))
                  .build());
        }
      }
      String next = row + 1 < partitions.getRowCount() ? String.valueOf(row + 1) : null;
      return new GetSplitsResponse(request.getCatalogName(), result, next);
    }
  }

  private static final class Records extends RecordHandler {
    private final Map<String, Integer> refusals = new ConcurrentHashMap<>();

    Records() {
      super("pallas-interop", System.getenv());
    }

    @Override
    protected void readWithConstraint(BlockSpiller spiller, ReadRecordsRequest request, QueryStatusChecker checker) {
      Split split = request.getSplit();
      if (request.getConstraints().isQueryPassThrough()) {
        long count = Long.parseLong(request.getConstraints().getQueryPassthroughArguments().get("QUERY"));
        for (long n = 0; n < count; ++n) {
          long number = n;
          spiller.writeRows((Block block, int row) -> block.offerValue("n", row, number) ? 1 : 0);
        }
        return;
      }
      int number = split.getPropertyAsInt("split");
      switch (request.getTableName().getTableName()) {
        case "all_types" -> readAllTypes(spiller, request.getSchema(), split.getPropertyAsInt("part"), number);
        case "big" -> readBig(spiller, checker, number);
        case "throttled" -> {
          if (refusals.merge(request.getQueryId(), 1, Integer::sum) <= 2) {
            throw new FederationThrottleException("the source asks to slow down");
          }
          spiller.writeRows((Block block, int row) -> block.offerValue("id", row, 42L) ? 1 : 0);
        }
        default ->
            throw new AthenaConnectorException(
                "the table is broken on purpose",
                ErrorDetails.builder().errorCode(FederationSourceErrorCode.INVALID_INPUT_EXCEPTION.toString()).build());
      }
    }

    private void readBig(BlockSpiller spiller, QueryStatusChecker checker, int split) {
      long rows = Long.parseLong(configOptions.getOrDefault("big_rows", "200000"));
      for (long i = split; i < rows && checker.isQueryRunning(); i += BIG_SPLITS) {
        long id = i;
        spiller.writeRows(
            (Block block, int row) -> {
              boolean matched = block.offerValue("id", row, id);
              matched &= block.offerValue("name", row, "the name of row number " + id);
              matched &= block.offerValue("price", row, id * 0.25);
              return matched ? 1 : 0;
            });
      }
    }

    private static void readAllTypes(BlockSpiller spiller, Schema schema, int part, int split) {
      for (int i = 0; i < ROWS_OF_SPLIT; ++i) {
        int id = (part * SPLITS_OF_PARTITION + split) * ROWS_OF_SPLIT + i;
        spiller.writeRows((Block block, int row) -> writeAllTypes(block, schema, row, id, part));
      }
    }

    private static int writeAllTypes(Block block, Schema schema, int row, int id, int part) {
      boolean isNull = id % 7 == 3;
      boolean matched = true;
      for (Field field : schema.getFields()) {
        String name = field.getName();
        Object value = isNull && !name.equals("id") && !name.equals("part") ? null : valueOf(name, id, part);
        switch (Types.getMinorTypeForArrowType(field.getType())) {
          case LIST, STRUCT, MAP -> {
            if (value == null) {
              // The slot may hold what a row that did not match has left.
              block.getFieldVector(name).setNull(row);
            } else {
              matched &= block.offerComplexValue(name, row, FieldResolver.DEFAULT, value);
            }
          }
          default -> matched &= block.offerValue(name, row, value);
        }
      }
      return matched ? 1 : 0;
    }

    private static Object valueOf(String column, int id, int part) {
      return switch (column) {
        case "id" -> (long) id;
        case "part" -> part;
        case "col_bit" -> id % 2 == 0;
        case "col_tinyint" -> id - 50;
        case "col_smallint" -> id * 300;
        case "col_int" -> id * -20_000_000;
        case "col_float4" -> id / 4.0f;
        case "col_float8" -> id / 8.0;
        case "col_decimal" -> new BigDecimal("1234567890123456789012345678.0123456789").subtract(BigDecimal.valueOf(id));
        case "col_varchar" -> id % 5 == 0 ? "" : "text " + id + " äß\u03a9\u4e2d\ud83d\ude00";
        case "col_varbinary" -> ("bytes\0" + id).getBytes(StandardCharsets.UTF_8);
        case "col_date" -> LocalDate.ofEpochDay(id * 1000L - 50_000);
        case "col_timestamp" -> LocalDateTime.of(2020, 2, 29, 23, 59, 59, 123_000_000).plusHours(id);
        case "col_timestamptz" ->
            LocalDateTime.of(2021, 3, 28, 1, 30, 0, 1_000_000)
                .plusDays(id)
                .atZone(ZoneId.of(id % 2 == 0 ? "Europe/Berlin" : "+05:30"));
        case "col_list" -> id % 4 == 0 ? List.of() : List.of(id, id + 1);
        case "col_struct" -> Map.of("a", id, "b", "b" + id);
        case "col_map" -> new TreeMap<>(Map.of("k" + id, id, "other", -id));
        default -> throw new IllegalArgumentException(column);
      };
    }
  }

  public static final class Functions extends UserDefinedFunctionHandler {
    Functions() {
      super("pallas-interop");
    }

    public String shout(String text) {
      return text == null ? null : text.toUpperCase() + "!";
    }

    public Long plus(Long left, Long right) {
      return left == null || right == null ? null : Long.valueOf(Math.addExact(left, right));
    }
  }
}
