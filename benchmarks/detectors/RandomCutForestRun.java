import com.amazon.randomcutforest.RandomCutForest;
import java.lang.management.ManagementFactory;
import java.util.Random;

/** Updates per CPU second of the thread, after as many updates to warm up. */
public final class RandomCutForestRun {
    public static void main(String[] arguments) {
        int updates = Integer.parseInt(arguments[0]);
        RandomCutForest forest = RandomCutForest.builder().dimensions(8).shingleSize(8).internalShinglingEnabled(true)
                .numberOfTrees(30).sampleSize(256).randomSeed(1).parallelExecutionEnabled(false).build();
        Random random = new Random(1);
        run(forest, random, updates);
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        double sum = run(forest, random, updates);
        double seconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1e9;
        System.out.printf("%.1f updates/s (sum of scores %.3f)%n", updates / seconds, sum);
    }

    private static double run(RandomCutForest forest, Random random, int updates) {
        double sum = 0.0;
        for (int i = 0; i < updates; i++) {
            double[] point = {Math.sin(i * 0.1) + 0.1 * random.nextGaussian()};
            sum += forest.getAnomalyScore(point);
            forest.update(point);
        }
        return sum;
    }
}
